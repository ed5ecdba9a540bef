import { workerData } from 'node:worker_threads';
import { PingEnd, type PingTask } from './ping.ts';

const task = workerData as PingTask;
const end = new PingEnd(task.back, task.bellBack, task.there, task.bellThere);

// The near end is the judge: this one answers until it is terminated.
const answerWaiting = (): never => {
  for (;;) {
    if (end.take()) end.send();
    else end.bell.waitSync(Number.POSITIVE_INFINITY);
  }
};

const answerParked = (): void => {
  do {
    while (end.take()) end.send();
  } while (!end.bell.park(answerParked));
};

if (task.sleep === 'wait') answerWaiting();
else answerParked();
