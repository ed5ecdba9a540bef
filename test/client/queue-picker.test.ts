import { equal, is } from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import { QueuePicker } from '../../src/client/queue-picker.ts';
import { suite } from '../support/suite.ts';

const test = suite('queue-picker');
const queues = ['a', 'b'].flatMap((brokerName) =>
  [0, 1].map((queueId) => ({ topic: 'T', brokerName, queueId })),
);

test('queues come in turn, each topic by itself', () => {
  const picker = new QueuePicker(seededRandom(1));
  const picked = queues.map(() => picker.pick(queues));
  is(new Set(picked).size, 4);
  equal(
    queues.map(() => picker.pick(queues)),
    picked,
  );
});

test('the avoided broker is passed over while there is another', () => {
  const picker = new QueuePicker(seededRandom(1));
  for (let index = 0; index < 8; index++) is(picker.pick(queues, 'a')?.brokerName, 'b');
  const alone = queues.slice(0, 2);
  is(picker.pick(alone, 'a')?.brokerName, 'a');
});

test('of no queues there is none to pick', () => {
  is(new QueuePicker(seededRandom(1)).pick([]), undefined);
});
