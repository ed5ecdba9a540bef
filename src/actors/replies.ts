import type { ActorRef } from './actor.ts';

/** An answer that is waited for. Only `Replies` makes them. */
export interface PendingReply {
  readonly ref: ActorRef<unknown>;
  /** Name of the shard that was asked, where it is another one. */
  askedShard: string | undefined;
  /** Ends the wait without an answer: `settle(undefined)`. */
  giveUp(): void;
  /** Ends the wait; `settle` is not called. */
  cancel(): void;
}

/** First character of a reply's id; no actor path begins with it. */
const REPLY_MARK = '~';

/** The open questions of one shard, by the id their answers are addressed to. */
export class Replies {
  readonly #pending = new Map<string, PendingReply>();
  readonly #onDeadLetter: () => void;
  #last = 0;

  /** @param onDeadLetter is called for every answer that nobody waits for (any more). */
  constructor(onDeadLetter: () => void) {
    this.#onDeadLetter = onDeadLetter;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** Opens a question; `settle` is called at most once. */
  open(settle: (reply: unknown) => void): PendingReply {
    this.#last += 1;
    const id = REPLY_MARK + this.#last;
    const take = (): boolean => this.#pending.delete(id);
    const tell = (reply: unknown): boolean => {
      if (take()) {
        settle(reply);
        return true;
      }
      this.#onDeadLetter();
      return false;
    };
    const pending: PendingReply = {
      ref: { id, tell, run: tell },
      askedShard: undefined,
      giveUp: () => {
        if (take()) settle(undefined);
      },
      cancel: () => void take(),
    };
    this.#pending.set(id, pending);
    return pending;
  }

  find(id: string): PendingReply | undefined {
    return this.#pending.get(id);
  }

  /** No answer will come from `shard`. */
  giveUpShard(shard: string): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.askedShard === shard) pending.giveUp();
    }
  }
}

/** Whether `id` addresses an answer. */
export const isReplyId = (id: string): boolean => id.startsWith(REPLY_MARK);
