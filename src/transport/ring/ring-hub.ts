import type { Clock, Logger, Scheduler, Socket } from '../../base/index.ts';
import { assert, errorCode } from '../../base/index.ts';
import { RateLimitedLog } from '../rate-limited-log.ts';
import { TransportError } from '../transport-error.ts';
import { ClientPort } from './client-port.ts';
import { type FarBell, type HubBell, type OpenBell, openDoorbell } from './hub-bell.ts';
import type { PairOutput } from './pair-output.ts';
import type { PairPort, PortContext } from './pair-port.ts';
import type { RingPair } from './ring-pair.ts';
import { ServerPort } from './server-port.ts';

/** What a hub is made of. */
export interface RingHubOptions {
  /** This thread's doorbell: the one in all pairs it reads. */
  readonly doorbell: SharedArrayBuffer;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Time to look for work before sleeping, microseconds (default 2); 0 on a thread that runs an application. */
  readonly spinUs?: number;
  /** False lets the thread end while a hub is open (default true). */
  readonly keepAlive?: boolean;
  /** How doorbells are made: those of threads, or simulated ones. */
  readonly openBell?: OpenBell;
  /**
   * Lets threads run that wait for this thread's core. Called behind each wake-up: systems like to put who is woken on the
   * core of who wakes, where an application would wait for the rest of this thread's turn beside an idle core.
   */
  readonly yieldCore?: () => void;
}

/** Records read in one turn before other events of the thread have theirs. */
const TURN_RECORDS = 512;
/** Polls in one turn, for the same reason. */
const TURN_POLLS = 16;
/** Records of one pair before the next has its turn. */
const PORT_RECORDS = 128;

/**
 * All ring pairs of one thread, as server or client, and the loop that reads them: batches of records, one answer for
 * each connection in a batch, then sleep.
 * @thread owner
 */
export class RingHub {
  /** Takes connections of pairs that are served without a callback of their own. */
  onSocket: ((socket: Socket) => void) | undefined;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly #openBell: OpenBell;
  readonly #yieldCore: (() => void) | undefined;
  readonly #bell: HubBell;
  readonly #log: RateLimitedLog;
  readonly #isApplication: boolean;
  #ports: PairPort[] = [];
  readonly #due: PairOutput[] = [];
  #isBellScheduled = false;
  #isPolling = false;
  #isReadDue = false;
  #isClosed = false;
  #first = 0;

  constructor(options: RingHubOptions) {
    this.clock = options.clock;
    this.scheduler = options.scheduler;
    this.logger = options.logger;
    this.#isApplication = options.spinUs === 0;
    this.#log = new RateLimitedLog(options.logger, options.clock);
    this.#openBell = options.openBell ?? openDoorbell;
    this.#yieldCore = options.yieldCore;
    this.#bell = this.#openBell(options.doorbell, {
      hasWork: () => this.#hasWork(),
      clock: options.clock,
      keepAlive: options.keepAlive ?? true,
      ...(options.spinUs === undefined ? {} : { spinUs: options.spinUs }),
    });
  }

  /** Becomes the server of a pair; what connects is given to `onSocket`. */
  serve(pair: RingPair, onSocket?: (socket: Socket) => void): void {
    assert(!this.#isClosed, 'a closed hub serves nothing');
    this.detach(pair);
    const take = onSocket ?? ((socket: Socket) => this.onSocket?.(socket));
    const context = this.#context(pair.clientDoorbell);
    const defer = (callback: () => void): void => this.scheduler.defer(callback);
    this.#add(new ServerPort(pair, context, defer, take));
  }

  /** The client's side of a pair; the same one as long as it is open. */
  use(pair: RingPair): ClientPort {
    assert(!this.#isClosed, 'a closed hub connects to nothing');
    const known = this.#find(pair);
    if (known instanceof ClientPort) return known;
    const port = new ClientPort(pair, this.#context(pair.serverDoorbell));
    this.#add(port);
    return port;
  }

  /**
   * Other events have woken this thread, such as reads of sockets: what they write is shown to the other side when all of
   * them had their turn, rings are read then, and nobody need wake this thread meanwhile.
   */
  readLater(): void {
    // hot path
    if (this.#isReadDue || this.#isClosed) return;
    this.#isBellScheduled = true;
    this.#bell.unpark();
    this.#readSoon();
  }

  /** Leaves a pair: its connections are closed. */
  detach(pair: RingPair): void {
    const port = this.#find(pair);
    if (port !== undefined) this.#drop(port);
  }

  /** Leaves all pairs, and lets the thread end. */
  close(): void {
    if (this.#isClosed) return;
    for (const port of [...this.#ports]) this.#drop(port);
    this.#ringDue();
    this.#isClosed = true;
    this.#bell.close();
  }

  #find(pair: RingPair): PairPort | undefined {
    return this.#ports.find((port) => port.pair.state === pair.state);
  }

  #add(port: PairPort): void {
    this.#ports.push(port);
    this.#readSoon();
  }

  #drop(port: PairPort): void {
    this.#ports = this.#ports.filter((other) => other !== port);
    port.close(new TransportError('CONNECTION_CLOSED', 'the rings were given up'));
  }

  #context(farDoorbell: SharedArrayBuffer): PortContext {
    return {
      farBell: this.#openFarBell(farDoorbell),
      ringLater: this.#ringLater,
      onMisuse: (reason) =>
        this.#log.warn('misuse', { reason }, 'a ring holds something unexpected'),
    };
  }

  #openFarBell(doorbell: SharedArrayBuffer): FarBell {
    const bell = this.#openBell(doorbell);
    const yieldCore = this.#yieldCore;
    if (yieldCore === undefined) return bell;
    return {
      ring() {
        // hot path
        const hasWoken = bell.ring();
        if (hasWoken) yieldCore();
        return hasWoken;
      },
    };
  }

  readonly #ringLater = (output: PairOutput): void => {
    // hot path
    this.#due.push(output);
    if (this.#isBellScheduled || this.#isPolling) return;
    this.#isBellScheduled = true;
    const { scheduler } = this;
    if (scheduler.soon === undefined) scheduler.defer(this.#ringDue);
    else scheduler.soon(this.#ringDue);
  };

  readonly #ringDue = (): void => {
    // hot path
    this.#isBellScheduled = false;
    const due = this.#due;
    for (let index = 0; index < due.length; index++) (due[index] as PairOutput).ringBell();
    due.length = 0;
  };

  #hasWork(): boolean {
    // hot path
    for (const port of this.#ports) if (port.hasWork) return true;
    return false;
  }

  #readSoon(): void {
    if (this.#isReadDue) return;
    this.#isReadDue = true;
    this.scheduler.defer(this.#readDue);
  }

  readonly #readDue = (): void => {
    this.#isReadDue = false;
    this.#ringDue();
    if (!this.#isClosed) this.#read();
  };

  readonly #onWake = (): void => {
    if (!this.#isReadDue) this.#read();
  };

  #read(): void {
    // hot path
    let records = 0;
    for (let polls = 0; polls < TURN_POLLS && records < TURN_RECORDS; polls++) {
      if (this.#isClosed) return;
      const taken = this.#poll(TURN_RECORDS - records);
      records += taken;
      if (this.#isClosed) return;
      // What an application does with its answers comes first, and may be answered by then.
      if (taken > 0 && this.#isApplication) break;
      if (taken === 0 && this.#bell.park(this.#onWake)) return;
    }
    this.#readSoon();
  }

  #poll(limit: number): number {
    // hot path
    this.#isPolling = true;
    let records = 0;
    try {
      const ports = this.#ports;
      const { length } = ports;
      this.#first = length === 0 ? 0 : (this.#first + 1) % length;
      for (let index = 0; index < length && records < limit; index++) {
        const port = ports[(this.#first + index) % length] as PairPort;
        records += this.#pollPort(port, Math.min(PORT_RECORDS, limit - records));
      }
    } finally {
      this.#isPolling = false;
      this.#ringDue();
    }
    return records;
  }

  #pollPort(port: PairPort, limit: number): number {
    // hot path
    if (port.isClosed) return 0;
    try {
      return port.poll(limit);
    } catch (error) {
      if (errorCode(error) !== 'RING_CORRUPT') {
        this.#readSoon(); // A throw ends the turn, not the loop.
        throw error;
      }
      this.logger.error({ err: error }, 'a ring cannot be read any more');
      this.#drop(port);
      return 0;
    } finally {
      if (!port.isClosed) port.endPoll();
    }
  }
}
