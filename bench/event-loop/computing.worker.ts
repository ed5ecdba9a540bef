// Computes for as many ms as a message says, and answers: what a thread does that is as busy as a broker, and no broker.
import { parentPort } from 'node:worker_threads';
import { compute } from './computing.ts';

parentPort?.on('message', (ms: number) => {
  compute(ms);
  parentPort?.postMessage(0);
});
