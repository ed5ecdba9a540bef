// A worker thread of an application: sends messages, then takes some, through rings of its own.
import { parentPort, workerData } from 'node:worker_threads';
import { Producer, PushConsumer } from '../../../src/client/index.ts';
import { connectNode, type NodeHandle } from '../../../src/node/index.ts';

/** What the thread is to do. */
export interface EmbedThreadData {
  readonly handle: NodeHandle;
  readonly topic: string;
  readonly sends: number;
  readonly group?: string;
  /** End as a crash would, with everything open. */
  readonly crashes?: boolean;
}

const { handle, topic, sends, group, crashes } = workerData as EmbedThreadData;
const node = await connectNode(handle);
const producer = new Producer({ node, producerGroup: 'threads' });
await producer.start();
await Promise.all(
  Array.from({ length: sends }, (_, index) =>
    producer.send({ topic, body: `${handle.id}-${index}` }),
  ),
);
if (group !== undefined) {
  const consumer = new PushConsumer({
    node,
    consumerGroup: group,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  consumer.subscribe(topic, '*', ({ body }) => parentPort?.postMessage(body.toString()));
  await consumer.start();
  if (crashes !== true) {
    parentPort?.once('message', () => void consumer.close().then(() => node.close()));
  }
}
if (crashes === true) {
  parentPort?.postMessage('crashes');
  setImmediate(() => process.exit(1));
} else {
  await producer.close();
  if (group === undefined) node.close();
}
