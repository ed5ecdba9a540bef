import { readInt32BE, writeInt32BE } from '../../../src/base/index.ts';
import { Doorbell, RingReader, RingWriter } from '../../../src/ring/index.ts';
import { PairState, type RingPair } from '../../../src/transport/index.ts';
import {
  encodeOpen,
  RECORD_CLOSE,
  RECORD_DATA,
  RECORD_OPEN,
} from '../../../src/transport/ring/records.ts';
import type { RingWorld } from './fixture.ts';

/** A client that writes any records by hand. */
export class RawClient {
  readonly state: PairState;
  readonly epoch: number;
  readonly records: { type: number; id: number; bytes: Buffer }[] = [];
  readonly #writer: RingWriter;
  readonly #reader: RingReader;
  readonly #bell: Pick<Doorbell, 'ring'>;

  constructor(pair: RingPair, bell: Pick<Doorbell, 'ring'> = new Doorbell(pair.serverDoorbell)) {
    this.state = new PairState(pair.state);
    this.#writer = new RingWriter(pair.toServer);
    this.#reader = new RingReader(pair.toClient);
    this.#bell = bell;
    this.epoch = this.state.begin('client');
  }

  put(type: number, payload: Buffer): void {
    const index = this.#writer.claim(payload.length, type);
    if (index < 0) throw new Error('the ring is full');
    payload.copy(this.#writer.bytes, index);
    this.#writer.commit();
    this.#bell.ring();
  }

  open(id: number, serverEpoch = this.state.epoch('server'), clientEpoch = this.epoch): void {
    const names = { localHost: '127.0.0.1', localPort: 1, remoteHost: '10.0.0.1', remotePort: id };
    this.put(RECORD_OPEN, encodeOpen({ id, serverEpoch, clientEpoch, ...names }));
  }

  data(id: number, bytes: Buffer): void {
    this.put(RECORD_DATA, Buffer.concat([idBytes(id), bytes]));
  }

  close(id: number): void {
    this.put(RECORD_CLOSE, idBytes(id));
  }

  read(): void {
    this.#reader.poll((type, bytes, start, end) => {
      const id = end - start < 4 ? 0 : readInt32BE(bytes, start);
      this.records.push({ type, id, bytes: Buffer.from(bytes.subarray(start + 4, end)) });
    }, 1000);
  }
}

/** Has the server write on, turn by turn, until a small ring has carried a few MiB to `client`. */
export const readAll = (world: RingWorld, client: RawClient): void => {
  for (let turn = 0; turn < 100; turn++) {
    client.read();
    client.state.giveRoom('server');
    world.bell(world.pair.serverDoorbell).ring();
    world.run();
  }
};

const idBytes = (id: number): Buffer => {
  const bytes = Buffer.alloc(4);
  writeInt32BE(bytes, 0, id);
  return bytes;
};
