// A client thread: calls without end until it is terminated, and says when the first answers came.
import { parentPort, workerData } from 'node:worker_threads';
import { silentLogger, systemClock, systemScheduler } from '../../../src/base/index.ts';
import { SendMessageV2 } from '../../../src/protocol/index.ts';
import { RingChannel, RingHub, type RingPair } from '../../../src/transport/index.ts';
import { BROKER, sendHeader } from './fixture.ts';

const CALLS = 64;
const ANSWERS_FIRST = 1000;

const run = (pair: RingPair): void => {
  const parts = { clock: systemClock, scheduler: systemScheduler, logger: silentLogger };
  const hub = new RingHub({ ...parts, doorbell: pair.clientDoorbell, spinUs: 0 });
  const channel = new RingChannel({ ...parts, hub, pairs: new Map([[BROKER, pair]]) });
  const body = Buffer.alloc(100, 'x');
  let answers = 0;
  const call = (): void =>
    channel.call(SendMessageV2, BROKER, sendHeader, body, 10_000, (error) => {
      if (error !== undefined) throw error;
      answers += 1;
      if (answers === ANSWERS_FIRST) parentPort?.postMessage('answered');
      call();
    });
  for (let index = 0; index < CALLS; index++) call();
};

if (workerData !== null && workerData !== undefined) run(workerData as RingPair);
