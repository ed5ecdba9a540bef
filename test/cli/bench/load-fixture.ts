import type { Network, Socket, SocketHandler } from '../../../src/base/index.ts';
import type { Work } from '../../../src/cli/bench/load-link.ts';
import type { Pacer } from '../../../src/cli/bench/pacer.ts';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import type { LoadPlan } from '../../../src/cli/bench/run-load.ts';
import { encodeCommand, ResponseCode, responseOf } from '../../../src/protocol/index.ts';
import { goesOn } from './embedded-fixture.ts';

const OPAQUE_BYTES = 4;
const HERE = { host: '127.0.0.1', port: 1 };

/** Requests that are nothing but their opaque, a message each. */
export const opaqueWork: Work = {
  requestBytesMax: OPAQUE_BYTES,
  messagesPerRequest: 1,
  write: (target, at, _slot, opaque) => target.writeInt32BE(opaque, at),
  read: () => 1,
};

const opaquesOf = (bytes: Buffer): number[] =>
  Array.from({ length: bytes.length / OPAQUE_BYTES }, (_, index) =>
    bytes.readInt32BE(index * OPAQUE_BYTES),
  );

const socketOf = (answerMs: number, onRequests: (count: number) => void): Socket => {
  let handler: SocketHandler | undefined;
  const answer = (opaques: readonly number[]): void => {
    const frames = opaques.map((opaque) =>
      encodeCommand(responseOf(ResponseCode.SUCCESS, { opaque }), 0),
    );
    handler?.onData(Buffer.concat(frames));
  };
  return {
    local: HERE,
    remote: HERE,
    pendingBytes: 0,
    start: (given) => {
      handler = given;
    },
    write: (bytes) => {
      const opaques = opaquesOf(bytes);
      onRequests(opaques.length);
      setTimeout(answer, answerMs, opaques);
      return true;
    },
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
    destroy: () => {
      handler = undefined;
    },
  };
};

/** A network whose every server answers `answerMs` after a request; `requests` are those of each connection. */
export const answeringNetwork = (
  answerMs = 0,
): { readonly network: Network; readonly requests: number[] } => {
  const requests: number[] = [];
  const network: Network = {
    listen: () => ({ close: () => undefined }),
    connect: (_to, ready) => {
      const index = requests.push(0) - 1;
      const note = (count: number): void => {
        requests[index] = (requests[index] ?? 0) + count;
      };
      setImmediate(() => ready(undefined, socketOf(answerMs, note)));
    },
  };
  return { network, requests };
};

/** A load over one connection of eight slots, without bounds. */
export const loadPlan = (
  network: Network,
  pacer: Pacer,
  more: Partial<LoadPlan> = {},
): LoadPlan => ({
  targets: [{ address: '127.0.0.1:1', slots: 8, work: opaqueWork }],
  pacer,
  recorder: new Recorder(),
  network,
  seconds: 0,
  warmSeconds: 0,
  timeoutMs: 1000,
  onTick: () => undefined,
  interrupted: goesOn,
  ...more,
});
