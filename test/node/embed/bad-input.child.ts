// A program that starts nodes where that cannot work, three times in each folder, and says how each attempt ended and what
// it left. usage: node bad-input.child.js make FOLDER | try HEAP-MAX-MIB|- FOLDER...
import { Producer } from '../../../src/client/index.ts';
import { startNode } from '../../../src/node/index.ts';
import { descriptorCount, mappingsBelow, threadCount } from '../node-fixture.ts';
import { embedOptions } from './embed-fixture.ts';

/** How one attempt to start a node ended. */
export interface Attempt {
  readonly folder: string;
  readonly name: string;
  readonly code: string;
  readonly message: string;
  /** Threads, descriptors and mappings of the process afterwards. */
  readonly left: readonly number[];
}

const ATTEMPTS = 3;
const NO_PORT = { listen: false } as const;

const make = async (folder: string): Promise<void> => {
  const node = await startNode(embedOptions(folder, NO_PORT));
  const producer = new Producer({ node, producerGroup: 'bad-input' });
  await producer.start();
  await producer.send({ topic: 'Kept', body: 'kept' });
  await producer.close();
  await node.close();
};

const tryIn = async (folder: string, heapMaxMib: number): Promise<void> => {
  const limit = Number.isNaN(heapMaxMib) ? {} : { heapMaxMib };
  let failure: unknown = { name: '', code: '', message: 'it started' };
  try {
    await (await startNode(embedOptions(folder, { ...NO_PORT, ...limit }))).close();
  } catch (error) {
    failure = error;
  }
  const { name, code, message } = failure as Attempt;
  const left = [threadCount(), descriptorCount(), mappingsBelow(folder).length];
  process.stdout.write(`${JSON.stringify({ folder, name, code, message, left })}\n`);
};

const [what, first = '', ...folders] = process.argv.slice(2);
if (what === 'make') await make(first);
else
  for (const folder of folders)
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) await tryIn(folder, Number(first));
