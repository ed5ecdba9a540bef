// Wakes its parent's event loop at odd moments, as a broker's answers do, and does nothing else.
import { parentPort } from 'node:worker_threads';

const PAUSE_MS_MIN = 0.3;
const PAUSE_MS_SPREAD = 0.6;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

for (;;) {
  Atomics.wait(NEVER, 0, 0, PAUSE_MS_MIN + Math.random() * PAUSE_MS_SPREAD);
  parentPort?.postMessage(0);
}
