// Worker threads that share the work of one queue: each has rings of its own to the node, and reads the messages from the
// log by itself. This file is the main thread's program and the workers' too.
// usage: node dist/examples/embed-workers.js [STORE] [MESSAGES]
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { connectNode, type NodeHandle, Producer, PushConsumer, startNode } from 'saturnmq';

const THREADS = 2;

const main = async (): Promise<void> => {
  const startedMs = performance.now();
  const [storePath = 'tasks-store', count = '1000'] = process.argv.slice(2);
  const messages = Number(count);
  const node = await startNode({ storePath, listen: false });
  const workers: Worker[] = [];
  // A message may come twice while threads share out the queues anew: its id tells.
  const handled = new Set<string>();
  const isDone = new Promise<void>((resolve) => {
    for (let index = 0; index < THREADS; index++) {
      const start = async (): Promise<void> => {
        const handle = await node.handle();
        const worker = new Worker(new URL(import.meta.url), { workerData: { handle } });
        worker.on('message', (msgId: string) => {
          if (handled.size === 0)
            console.log(`first message after ${Math.round(performance.now() - startedMs)} ms`);
          handled.add(msgId);
          if (handled.size === messages) resolve();
        });
        workers.push(worker);
      };
      start().catch((error: Error) => console.error(error.message));
    }
  });
  const producer = new Producer({ node, producerGroup: 'tasks' });
  await producer.start();
  await Promise.all(
    Array.from({ length: messages }, (_, index) =>
      producer.send({ topic: 'Tasks', body: `task ${index}` }),
    ),
  );
  await producer.close();
  await isDone;
  for (const worker of workers) worker.postMessage('end');
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  await node.close();
  console.log(`${handled.size} tasks handled by ${workers.length} threads`);
};

const work = async (): Promise<void> => {
  const node = await connectNode((workerData as { readonly handle: NodeHandle }).handle);
  const consumer = new PushConsumer({
    node,
    consumerGroup: 'task-workers',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  consumer.subscribe('Tasks', '*', (message) => {
    parentPort?.postMessage(message.msgId); // Here the work would be done.
  });
  await consumer.start();
  parentPort?.once('message', async () => {
    await consumer.close();
    node.close();
  });
};

await (isMainThread ? main() : work());
