// An HTTP server that takes orders, stores them durably and answers at once; the work is done afterwards, also when the
// process was restarted in between. No port is opened for the broker.
// usage: node dist/examples/embed-http.js [STORE]        then: curl -d '{"id":1}' http://127.0.0.1:8080/orders
import { createServer, type IncomingMessage } from 'node:http';
import { Producer, PushConsumer, startNode } from 'saturnmq';

const BODY_BYTES_MAX = 1024 * 1024;

const node = await startNode({ storePath: process.argv[2] ?? 'orders-store', listen: false });
node.on('fatal', (error) => console.error(error.message));

const producer = new Producer({ node, producerGroup: 'http' });
await producer.start();

const consumer = new PushConsumer({
  node,
  consumerGroup: 'workers',
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
});
consumer.subscribe('Orders', '*', (order) => {
  console.log(`handled order ${order.body.toString()}`); // A throw gives the message back, for another try.
});
await consumer.start();

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('the order is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const server = createServer((request, response) => {
  const enqueue = async (): Promise<void> => {
    const body = await readBody(request);
    const { msgId } = await producer.send({ topic: 'Orders', body });
    response.writeHead(202, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify({ msgId })}\n`);
  };
  enqueue().catch((error: Error) => {
    response.writeHead(503).end(`${error.message}\n`);
  });
});
server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', () => {
  const address = server.address();
  console.log(
    `orders on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/orders`,
  );
});

// The application's own business: the node installs no signal handler.
process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  await consumer.close();
  await producer.close();
  await node.close();
  console.log('closed');
});
