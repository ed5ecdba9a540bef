// Starts a broker, sends one message, closes it and must then end by itself. usage: node node.child.js FOLDER [stay]
import { startRoot } from '../../src/node/index.ts';
import { brokerNode, NodeClient } from './node-fixture.ts';

const [folder = '', stay] = process.argv.slice(2);
const node = await startRoot(brokerNode(folder));
const client = new NodeClient(node.brokerAddress ?? '');
const code = await client.send(0, 'from the child');
client.close();
if (code !== 0) throw new Error(`the send was answered by ${code}`);
process.stdout.write('serves\n');
if (stay === undefined) {
  await node.close();
  process.stdout.write('closed\n');
}
