import { systemScheduler } from '../../base/index.ts';
import type { Channel, ChannelEvents, ClientEnvironment, ClientNode } from '../../client/index.ts';
import { decodeCommand } from '../../protocol/index.ts';
import { RingChannel, RingHub } from '../../transport/index.ts';
import { NodeError } from '../node-error.ts';
import { LogReaders } from './log-readers.ts';
import { giveHandleUp, type NodeHandle, takeHandle } from './node-handle.ts';

/** One thread's way to a node: its rings, shared by all clients of that thread. */
export class RingClient implements ClientNode {
  readonly #handle: NodeHandle;
  readonly #channels = new Set<RingChannel>();
  readonly #readers: LogReaders;
  #hub: RingHub | undefined;
  #isClosed = false;

  /** @throws {NodeError} HANDLE_USED */
  constructor(handle: NodeHandle) {
    takeHandle(handle);
    this.#handle = handle;
    this.#readers = new LogReaders(handle);
  }

  get namesrvAddr(): string {
    return this.#handle.namesrvAddr;
  }

  /** @throws {NodeError} NODE_CLOSED */
  openChannel(environment: ClientEnvironment, events: ChannelEvents): Channel {
    if (this.#isClosed) {
      const remedy = 'start another node, or connect with another handle';
      throw new NodeError('NODE_CLOSED', `the node is closed for this thread; ${remedy}`);
    }
    const { network, scheduler, clock, logger } = environment;
    const channel = new RingChannel({
      hub: this.#hubFor(environment),
      pairs: new Map(this.#handle.rings.pairs.map(({ address, pair }) => [address, pair])),
      fallback: network,
      scheduler,
      clock,
      logger,
      onRequest(view, replier, address) {
        const { opaque, headerType, isOneway } = view;
        events.onRequest(decodeCommand(view), address, (answer) => {
          if (!isOneway) replier.reply(answer, { opaque, headerType });
        });
      },
      onDisconnect: (address) => {
        // Another thread may serve it soon, and segments have been made anew.
        this.#readers.refresh(address);
        events.onDisconnect(address);
      },
    });
    this.#channels.add(channel);
    return {
      call: (definition, address, header, body, timeoutMs, done) =>
        channel.call(definition, address, header, body, timeoutMs, done),
      oneway: (definition, address, header, body, done) =>
        channel.oneway(definition, address, header, body, done),
      bodiesOf: (address) => this.#readers.of(address),
      close: () => this.#closed(channel),
    };
  }

  /** Closes what clients of this thread left open, and gives the handle up. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const channel of [...this.#channels]) this.#closed(channel);
    giveHandleUp(this.#handle);
  }

  /** A hub keeps its thread alive, so there is one only while there are clients. */
  #hubFor({ clock, logger }: ClientEnvironment): RingHub {
    const { doorbell } = this.#handle.rings;
    // A thread of the application has its own work: it never spins.
    this.#hub ??= new RingHub({ doorbell, clock, logger, scheduler: systemScheduler, spinUs: 0 });
    return this.#hub;
  }

  #closed(channel: RingChannel): void {
    if (!this.#channels.delete(channel)) return;
    channel.close();
    if (this.#channels.size > 0) return;
    this.#hub?.close();
    this.#hub = undefined;
    this.#readers.close();
  }
}
