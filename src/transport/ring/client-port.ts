import { readInt32BE } from '../../base/index.ts';
import { TransportError } from '../transport-error.ts';
import { PairPort, type PortContext, type RingEnd } from './pair-port.ts';
import { encodeOpen, ID_BYTES, RECORD_ECHO, RECORD_RESET } from './records.ts';
import type { RingPair } from './ring-pair.ts';
import type { StreamOutput } from './stream-output.ts';

/** The client's end of a connection. */
export interface ClientEnd extends RingEnd {
  /** The server it was opened for. */
  readonly serverEpoch: number;
  /** The server is there. */
  onServed(): void;
}

const PORT_MASK = 0xffff;

/** The port number by which servers know a connection. */
export const clientPortNumber = (id: number): number => id & PORT_MASK || 1;

const NOBODY = 'its server is gone';

/** The client's side of a pair: connections are made here. */
export class ClientPort extends PairPort {
  readonly #epoch: number;
  #serverEpoch: number;
  readonly #echoes = new Map<number, () => void>();
  #lastEcho = 0;

  constructor(pair: RingPair, context: PortContext) {
    super(pair, 'client', context);
    this.#serverEpoch = this.state.epoch('server');
    this.#epoch = this.state.begin('client');
  }

  /** The server a connection made now is for: the one there is, or the next one. */
  get targetEpoch(): number {
    const epoch = this.state.epoch('server');
    return epoch % 2 === 0 ? (epoch + 1) | 0 : epoch;
  }

  /** There is a server for a connection that was made for `epoch`. */
  isServed(epoch: number): boolean {
    return this.state.epoch('server') === epoch;
  }

  /** Nobody serves, and nobody will. */
  get isAbandoned(): boolean {
    return this.isClosed || (this.state.isServerClosed && this.state.epoch('server') % 2 === 0);
  }

  /** Makes a connection; `remoteHost` and `remotePort` are what the server sees. */
  open(
    end: ClientEnd,
    stream: StreamOutput,
    local: { readonly host: string; readonly port: number },
    remoteHost: string,
    remotePort = clientPortNumber(end.id),
  ): void {
    this.add(end);
    const { id, serverEpoch } = end;
    const names = { localHost: local.host, localPort: local.port, remoteHost, remotePort };
    stream.open(encodeOpen({ id, serverEpoch, clientEpoch: this.#epoch, ...names }));
  }

  protected get hasStateChanged(): boolean {
    // hot path
    return this.state.epoch('server') !== this.#serverEpoch;
  }

  /** Only what the dead server had written before can still come; then its connections are given up. */
  protected onStateChange(): void {
    const epoch = this.state.epoch('server');
    if (epoch % 2 !== 0) {
      // Its RESET comes behind what an earlier one has written.
      this.#serverEpoch = epoch;
      return;
    }
    if (!this.reader.isEmpty) return;
    this.#serverEpoch = epoch;
    this.#loseBefore(epoch, this.state.isServerClosed);
  }

  protected onControl(type: number, bytes: Buffer, start: number, end: number): void {
    if (type === RECORD_ECHO && end - start >= ID_BYTES) {
      this.#onEcho(readInt32BE(bytes, start));
      return;
    }
    if (type !== RECORD_RESET || end - start < ID_BYTES) {
      this.misuse('a record that makes no sense'); // T6
      return;
    }
    const epoch = readInt32BE(bytes, start);
    this.#loseBefore(epoch, false);
    for (const served of [...this.ends.values()] as ClientEnd[]) {
      if (served.serverEpoch === epoch) served.onServed();
    }
  }

  /**
   * Calls `done` once the server has read all that was written before, and what it has answered at once has come. What
   * waits at the server, for a flush or for a message, is answered later.
   */
  echo(done: () => void): void {
    this.#lastEcho = (this.#lastEcho + 1) | 0;
    const word = this.#lastEcho;
    this.#echoes.set(word, done);
    this.output.say(RECORD_ECHO, word);
  }

  #onEcho(word: number): void {
    const done = this.#echoes.get(word);
    this.#echoes.delete(word);
    done?.();
  }

  #loseBefore(epoch: number, isAll: boolean): void {
    const error = new TransportError('CONNECTION_CLOSED', NOBODY);
    this.lose(error, (end) => isAll || (((end as ClientEnd).serverEpoch - epoch) | 0) < 0);
  }
}
