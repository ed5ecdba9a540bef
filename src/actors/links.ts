import { assert, type Clock, errorCode, type Logger, type Scheduler } from '../base/index.ts';
import { Doorbell, FanIn, type FanInHandler, RingWriter } from '../ring/index.ts';
import type { ActorRef } from './actor.ts';
import { ActorError } from './actor-error.ts';
import { POLL_RECORDS_MAX } from './limits.ts';
import { isReplyId } from './replies.ts';
import type { RemoteDoor, Shard } from './shard.ts';
import {
  type Address,
  decodeRecord,
  encodeRecord,
  RECORD_TELL,
  RECORD_WATCH,
  type WireRecord,
} from './wire.ts';

/** The shared memory between this thread and one other, as this thread sees it. */
export interface LinkMemory {
  /** Name of the other shard. */
  readonly shard: string;
  /** Ring this thread writes. */
  readonly outgoing: SharedArrayBuffer;
  /** Ring this thread reads. */
  readonly incoming: SharedArrayBuffer;
  /** Doorbell of the other thread. */
  readonly doorbell: SharedArrayBuffer;
  /** One int32 word: 1 while the other shard serves (see `Presence`). */
  readonly presence: SharedArrayBuffer;
}

/** Says to all threads whether a shard serves: set by the shard when its roots run, cleared by the system on its exit. */
export class Presence {
  readonly #word: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#word = new Int32Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  }

  get isServing(): boolean {
    return Atomics.load(this.#word, 0) === 1;
  }

  set(isServing: boolean): void {
    Atomics.store(this.#word, 0, isServing ? 1 : 0);
  }
}

/** What the links of a thread are made of. */
export interface LinksOptions {
  readonly shard: Shard;
  /** This thread's own doorbell. */
  readonly doorbell: SharedArrayBuffer;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Time to look for messages before sleeping, microseconds (default the ring's). */
  readonly spinUs?: number;
  /** False lets the thread end although others may still write to it (default true). */
  readonly keepAlive?: boolean;
}

interface Link {
  readonly writer: RingWriter;
  readonly doorbell: Doorbell;
  readonly presence: Presence;
  readonly producerIndex: number;
}

/**
 * One thread's rings to and from all other shards, and the loop that reads them.
 *
 * @thread owner
 */
export class Links implements RemoteDoor {
  readonly #shard: Shard;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  readonly #doorbell: Doorbell;
  readonly #fanIn = new FanIn();
  readonly #links = new Map<string, Link>();
  readonly #refTo = ({ shard, id }: Address): ActorRef<never> => this.#shard.resolve(shard, id);
  readonly #onRecord: FanInHandler = (_, type, bytes, start, end) =>
    this.#receive(type, bytes, start, end);
  readonly #onWake = (): void => {
    if (this.#isOpen && !this.#isDue) this.#read();
  };
  /** A read of the rings is due. */
  #isDue = false;
  #isOpen = false;

  constructor(options: LinksOptions) {
    this.#shard = options.shard;
    this.#scheduler = options.scheduler;
    this.#logger = options.logger;
    this.#doorbell = new Doorbell(options.doorbell, {
      hasWork: () => !this.#fanIn.isEmpty,
      clock: options.clock,
      keepAlive: options.keepAlive ?? true,
      ...(options.spinUs === undefined ? {} : { spinUs: options.spinUs }),
    });
    options.shard.openDoor(this);
  }

  /** Starts to read: messages sent before have waited in the rings. */
  open(): void {
    this.#isOpen = true;
    this.#readSoon();
  }

  /** Stops to read, and lets the thread end. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#doorbell.close();
  }

  /** Takes up a link; one to an earlier thread of the same name is given up first. */
  connect(memory: LinkMemory): void {
    this.disconnect(memory.shard);
    this.#links.set(memory.shard, {
      writer: new RingWriter(memory.outgoing),
      doorbell: new Doorbell(memory.doorbell),
      presence: new Presence(memory.presence),
      producerIndex: this.#fanIn.add(memory.incoming),
    });
    if (this.#isOpen) this.#readSoon();
  }

  /** Gives up a link: its thread is dead, and no answer will come from it. */
  disconnect(shard: string): void {
    const link = this.#links.get(shard);
    if (link === undefined) return;
    this.#links.delete(shard);
    this.#fanIn.remove(link.producerIndex);
    this.#shard.replies.giveUpShard(shard);
  }

  resolve<N>(shard: string, id: string): ActorRef<N> {
    return new RemoteRef(shard, id, (message) => this.#send(RECORD_TELL, { shard, id }, message));
  }

  watch(ref: ActorRef<never>, callback: () => void): (() => void) | undefined {
    if (!(ref instanceof RemoteRef)) return undefined;
    const pending = this.#shard.replies.open(callback);
    if (!this.#send(RECORD_WATCH, ref, pending.ref)) pending.giveUp();
    return () => pending.cancel();
  }

  #send(type: number, to: Address, message: unknown): boolean {
    const link = this.#links.get(to.shard);
    // An answer may be awaited by an actor that is just starting, when its shard does not serve yet.
    if (link === undefined || !(link.presence.isServing || isReplyId(to.id))) return false;
    const record = encodeRecord(to.id, message, (ref) => this.#locate(ref, to.shard));
    const index = this.#claim(link, record.length, type, to);
    if (index < 0) return false;
    record.copy(link.writer.bytes, index);
    link.writer.commit();
    link.doorbell.ring();
    return true;
  }

  #claim(link: Link, bytes: number, type: number, to: Address): number {
    try {
      return link.writer.claim(bytes, type);
    } catch (cause) {
      if (errorCode(cause) !== 'RECORD_TOO_LARGE') throw cause;
      const text = `a message of ${bytes} bytes to ${to.shard}/${to.id} does not fit into the ring`;
      throw new ActorError('MESSAGE_TOO_LARGE', text, { ...to, bytes }, cause);
    }
  }

  /** The address of a ref in a message to `receiver`; where it is an open question, that is who is asked now. */
  #locate(ref: ActorRef<never>, receiver: string): Address {
    if (ref instanceof RemoteRef) return { shard: ref.shard, id: ref.id };
    const pending = this.#shard.replies.find(ref.id);
    if (pending !== undefined) pending.askedShard = receiver;
    return { shard: this.#shard.name, id: ref.id };
  }

  #readSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#scheduler.defer(() => {
      this.#isDue = false;
      if (this.#isOpen) this.#read();
    });
  }

  /** Reads what there is, up to a limit, and sleeps when there is no more. */
  #read(): void {
    this.#fanIn.poll(this.#onRecord, POLL_RECORDS_MAX);
    // An actor may have closed the links in its turn.
    if (this.#isOpen && !this.#doorbell.park(this.#onWake)) this.#readSoon();
  }

  #receive(type: number, bytes: Buffer, start: number, end: number): void {
    let record: WireRecord;
    try {
      // A copy: what is decoded may keep views of it, and the ring is written again.
      record = decodeRecord(Buffer.from(bytes.subarray(start, end)), this.#refTo);
    } catch (error) {
      this.#logger.error({ err: error }, 'a message from another shard cannot be read');
      return;
    }
    if (type === RECORD_TELL) {
      this.#shard.deliver(record.to, record.message);
      return;
    }
    assert(type === RECORD_WATCH, `unknown record type ${type}`);
    const watcher = record.message as ActorRef<true>;
    const watched = this.#shard.resolve<never>(this.#shard.name, record.to);
    this.#shard.watch(watched, () => void watcher.tell(true));
  }
}

/** The address of an actor in another thread. */
class RemoteRef implements ActorRef<unknown>, Address {
  readonly shard: string;
  readonly id: string;
  readonly tell: (message: unknown) => boolean;

  constructor(shard: string, id: string, tell: (message: unknown) => boolean) {
    this.shard = shard;
    this.id = id;
    this.tell = tell;
  }

  /** Nothing runs at once in another thread. */
  run(): boolean {
    return false;
  }
}
