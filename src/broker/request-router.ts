import { decodeCommand, RequestCode, type RequestView, responseOf } from '../protocol/index.ts';
import type { MessageStore } from '../storage/index.ts';
import { notSupportedAnswer, type Peer, type RequestHandler } from '../transport/index.ts';
import type { Arrivals } from './arrivals.ts';
import type { CodeAndHandler, ColdHandler } from './cold-handler.ts';
import type { PullProcessor } from './processors/pull.ts';
import type { SendProcessor } from './processors/send.ts';
import { Refusal } from './refusal.ts';

/** What the router hands requests to. */
export interface RouterParts {
  readonly send: SendProcessor;
  readonly pull: PullProcessor;
  readonly cold: readonly CodeAndHandler[];
  readonly store: MessageStore;
  readonly arrivals: Arrivals;
  /** A connection is gone: everything it held is released. */
  readonly onClose: (peer: Peer) => void;
}

/** Takes a broker's requests apart by code: sends and pulls are read in place, everything else as an object. */
export class RequestRouter implements RequestHandler {
  readonly #parts: RouterParts;
  readonly #cold: ReadonlyMap<number, ColdHandler>;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    this.#cold = new Map(parts.cold);
  }

  onRequest(view: RequestView, peer: Peer): void {
    // hot path
    try {
      switch (view.code) {
        case RequestCode.SEND_MESSAGE_V2:
        case RequestCode.SEND_BATCH_MESSAGE:
        case RequestCode.SEND_MESSAGE:
          this.#parts.send.process(view, peer);
          return;
        case RequestCode.PULL_MESSAGE:
        case RequestCode.LITE_PULL_MESSAGE:
          this.#parts.pull.process(view, peer);
          return;
        default:
          this.#runCold(view, peer);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error; // The connection answers SYSTEM_ERROR and logs it.
      if (view.isOneway) return;
      peer.reply(responseOf(error.responseCode, { remark: error.message }), view);
    }
  }

  onTurnEnd(): void {
    // hot path
    this.#parts.store.endTurn();
    this.#parts.arrivals.wake();
  }

  onClose(peer: Peer): void {
    this.#parts.onClose(peer);
  }

  #runCold(view: RequestView, peer: Peer): void {
    const handler = this.#cold.get(view.code);
    const answer =
      handler === undefined ? notSupportedAnswer(view.code) : handler(decodeCommand(view), peer);
    if (answer !== undefined && !view.isOneway) peer.reply(answer, view);
  }
}
