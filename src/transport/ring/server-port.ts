import type { Socket } from '../../base/index.ts';
import { readInt32BE } from '../../base/index.ts';
import { TransportError } from '../transport-error.ts';
import { PairPort, type PortContext } from './pair-port.ts';
import { decodeOpen, ID_BYTES, RECORD_ECHO, RECORD_OPEN, RECORD_RESET } from './records.ts';
import type { RingPair } from './ring-pair.ts';
import { RingSocket } from './ring-socket.ts';

/** The server's side of a pair: connections come in. */
export class ServerPort extends PairPort {
  readonly #epoch: number;
  readonly #onSocket: (socket: Socket) => void;
  readonly #defer: (callback: () => void) => void;
  #clientEpoch: number;
  /** Words to send back behind what was answered in this poll. */
  #echoes: number[] = [];

  constructor(
    pair: RingPair,
    context: PortContext,
    defer: (callback: () => void) => void,
    onSocket: (socket: Socket) => void,
  ) {
    super(pair, 'server', context);
    this.#defer = defer;
    this.#onSocket = onSocket;
    this.#clientEpoch = this.state.epoch('client');
    this.#epoch = this.state.begin('server');
    this.output.say(RECORD_RESET, this.#epoch); // Everything opened for an earlier server is gone.
  }

  override endPoll(): void {
    // hot path
    super.endPoll();
    if (this.#echoes.length === 0) return;
    const echoes = this.#echoes;
    this.#echoes = [];
    for (const word of echoes) this.output.say(RECORD_ECHO, word);
  }

  protected get hasStateChanged(): boolean {
    // hot path
    return this.state.epoch('client') !== this.#clientEpoch;
  }

  /** The client is gone, or another one is there: its predecessor's connections are closed. */
  protected onStateChange(): void {
    this.#clientEpoch = this.state.epoch('client');
    const error = new TransportError('CONNECTION_CLOSED', 'the client’s thread is gone');
    this.lose(error);
  }

  protected onControl(type: number, bytes: Buffer, start: number, end: number): void {
    if (type === RECORD_ECHO && end - start >= ID_BYTES) {
      this.#echoes.push(readInt32BE(bytes, start));
      return;
    }
    const open = type === RECORD_OPEN ? decodeOpen(bytes, start, end) : undefined;
    if (open === undefined || this.ends.has(open.id)) {
      this.misuse('a record that makes no sense'); // T6
      return;
    }
    if (this.hasStateChanged) this.onStateChange();
    if (open.serverEpoch !== this.#epoch || open.clientEpoch !== this.#clientEpoch) return; // T5
    const socket = new RingSocket({
      id: open.id,
      port: this,
      local: { host: open.localHost, port: open.localPort },
      remote: { host: open.remoteHost, port: open.remotePort },
      defer: this.#defer,
    });
    this.add(socket);
    this.#onSocket(socket);
  }
}
