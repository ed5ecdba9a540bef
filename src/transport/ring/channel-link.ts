import { FRAME_BYTES_MAX, writeInt32BE } from '../../base/index.ts';
import {
  COMMAND_FLAG,
  type CommandDefinition,
  encodeCommand,
  FrameDecoder,
  type FrameSink,
  frameFaultText,
  HEADER_TYPE,
  type HeaderOf,
  type HeaderSchema,
  type PositionalFacts,
  positionalBytesMax,
  type RemotingCommand,
  type RequestView,
  writePositional,
} from '../../protocol/index.ts';
import type { ReplyTo } from '../peer.ts';
import { closedError } from '../pending-requests.ts';
import { TransportError } from '../transport-error.ts';
import type { ClientEnd, ClientPort } from './client-port.ts';
import { InputWindow } from './input-window.ts';
import { ID_BYTES, RECORD_DATA } from './records.ts';
import { StreamOutput } from './stream-output.ts';

/** What a link's channel does for it. */
export interface LinkOwner {
  /** Scratch of the frame at hand. */
  readonly view: RequestView;
  onAnswer(link: ChannelLink, view: RequestView): void;
  onRequest(link: ChannelLink, view: RequestView): void;
  onFailure(link: ChannelLink, error: unknown): void;
  onMisbehaviour(link: ChannelLink, reason: string): void;
  /** The link is gone, once. */
  onGone(link: ChannelLink, error: Error | undefined): void;
}

/** A channel's connection to one address: frames are written into the ring and read from it in place. */
export class ChannelLink implements ClientEnd, FrameSink {
  readonly id: number;
  readonly address: string;
  readonly serverEpoch: number;
  /** When it was opened. */
  readonly openedMs: number;
  isTouched = false;
  isGone = false;
  readonly #owner: LinkOwner;
  readonly #port: ClientPort;
  readonly #stream: StreamOutput;
  readonly #window: InputWindow;
  readonly #decoder = new FrameDecoder(FRAME_BYTES_MAX, HEADER_TYPE.POSITIONAL);
  /** The server it was opened for has been there. */
  #wasServed: boolean;
  readonly #facts: PositionalFacts = { code: 0, flag: 0, opaque: 0 };

  constructor(owner: LinkOwner, port: ClientPort, address: string, openedMs: number) {
    this.#owner = owner;
    this.#port = port;
    this.address = address;
    this.openedMs = openedMs;
    this.id = port.state.nextConnectionId();
    this.serverEpoch = port.targetEpoch;
    this.#wasServed = this.isServed;
    this.#stream = new StreamOutput(this.id, port.output, () => this.#onDrain());
    this.#window = new InputWindow(this.id, port.output);
  }

  /** Makes the connection. */
  open(local: { readonly host: string; readonly port: number }, remoteHost: string): void {
    this.#port.open(this, this.#stream, local, remoteHost);
  }

  /** Bytes that wait for room in the ring. */
  get unsentBytes(): number {
    // hot path
    return this.#stream.pendingBytes;
  }

  /** Its server is there. */
  get isServed(): boolean {
    return this.#port.isServed(this.serverEpoch);
  }

  /**
   * Writes a request, into the ring where there is room.
   * @throws {ProtocolError} FRAME_TOO_LONG, FIELD_INVALID; nothing was written then
   */
  send<Q extends HeaderSchema>(
    definition: CommandDefinition<Q>,
    flag: number,
    opaque: number,
    header: HeaderOf<Q>,
    body: Buffer | undefined,
  ): void {
    // hot path
    const { output } = this.#port;
    const bodyBytes = body === undefined ? 0 : body.length;
    const bytesMax = positionalBytesMax(definition.request, header) + bodyBytes;
    this.#facts.code = definition.code;
    this.#facts.flag = flag;
    this.#facts.opaque = opaque;
    if (bytesMax <= output.dataBytesMax && this.#stream.canTake(bytesMax)) {
      const index = output.claim(ID_BYTES + bytesMax, RECORD_DATA);
      if (index >= 0) {
        this.#sendInPlace(index, definition, header, body, bodyBytes);
        return;
      }
    }
    const frame = Buffer.allocUnsafe(bytesMax);
    const end = writePositional(frame, 0, this.#facts, definition.request, header, bodyBytes);
    if (body !== undefined) frame.set(body, end);
    this.#stream.write(frame.subarray(0, end + bodyBytes));
  }

  /** Answers a request of the server. */
  reply(command: RemotingCommand, to: ReplyTo): void {
    if (this.isGone) return;
    const flag = command.flag | COMMAND_FLAG.RESPONSE;
    this.#stream.write(encodeCommand({ ...command, opaque: to.opaque, flag }, to.headerType));
  }

  /** Closes the connection, behind what was sent before; its owner is not told. */
  close(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.#stream.close();
    if (this.#stream.isEmpty) this.#port.remove(this);
  }

  /** @internal */
  onRecord(bytes: Buffer, start: number, end: number): void {
    // hot path
    this.#window.use(end - start);
    if (this.isGone) return;
    const outcome = this.#decoder.push(bytes, this, start, end);
    if (outcome !== 'taken' && outcome !== 'stopped') this.#misbehave(frameFaultText(outcome));
  }

  /** @internal */
  onCredit(bytes: number): void {
    this.#stream.grant(bytes);
  }

  /** @internal */
  onRecordsEnd(): void {}

  /** @internal */
  onServed(): void {
    this.#wasServed = true;
  }

  /** @internal */
  onGone(error?: Error): void {
    this.#stream.drop();
    if (this.isGone) return;
    this.isGone = true;
    const isLost = this.#wasServed;
    this.#owner.onGone(this, isLost ? closedError(this.address) : this.#connectError(error));
  }

  /** @internal */
  onFrame(buffer: Buffer, frameStart: number, frameEnd: number): boolean {
    // hot path
    const { view } = this.#owner;
    if (!view.scan(buffer, frameStart, frameEnd)) {
      this.#misbehave('a frame whose header cannot be read');
      return false;
    }
    try {
      if ((view.flag & COMMAND_FLAG.RESPONSE) !== 0) this.#owner.onAnswer(this, view);
      else this.#owner.onRequest(this, view);
    } catch (error) {
      this.#owner.onFailure(this, error);
    }
    return !this.isGone;
  }

  #sendInPlace<Q extends HeaderSchema>(
    index: number,
    definition: CommandDefinition<Q>,
    header: HeaderOf<Q>,
    body: Buffer | undefined,
    bodyBytes: number,
  ): void {
    // hot path
    const { output } = this.#port;
    const target = output.writer.bytes;
    const start = index + ID_BYTES;
    let end = -1;
    try {
      end = writePositional(target, start, this.#facts, definition.request, header, bodyBytes);
    } finally {
      if (end < 0) output.writer.abort();
    }
    writeInt32BE(target, index, this.id);
    if (body !== undefined) target.set(body, end);
    output.commit(end + bodyBytes - index);
    this.#stream.spend(end + bodyBytes - start);
  }

  #onDrain(): void {
    if (this.isGone) this.#port.remove(this);
  }

  #connectError(cause: Error | undefined): TransportError {
    const { address } = this;
    return new TransportError('CONNECT_FAILED', `nobody serves ${address}`, { address }, cause);
  }

  #misbehave(reason: string): void {
    if (this.isGone) return;
    this.#owner.onMisbehaviour(this, reason);
    this.close();
    this.#owner.onGone(this, closedError(this.address));
  }
}
