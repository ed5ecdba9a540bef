import * as assert from 'uvu/assert';
import type { ActorRef } from '../../src/actors/index.ts';
import { QueueDirectory } from '../../src/broker/queue-directory.ts';
import type { QueueMessage } from '../../src/broker/queue-messages.ts';
import { suite } from '../support/suite.ts';

const test = suite('queue directory');

const createDirectory = () => {
  const log: string[] = [];
  const spawn = (topic: string, queueId: number): ActorRef<QueueMessage> => {
    const id = `${topic}-${queueId}`;
    log.push(`spawn ${id}`);
    const take = ({ kind }: QueueMessage): boolean => log.push(`${id} ${kind}`) > 0;
    return { id, tell: take, run: take };
  };
  return { log, directory: new QueueDirectory(spawn, ({ id }) => void log.push(`stop ${id}`)) };
};

test('a queue is started by its first use, once; queues between are not', () => {
  const { log, directory } = createDirectory();
  assert.is(directory.get('T', 3), directory.get('T', 3));
  directory.get('T', 0);
  directory.get('U', 0);
  assert.equal(log, ['spawn T-3', 'spawn T-0', 'spawn U-0']);
});

test('a deleted topic’s queues are stopped, and started anew by later use', () => {
  const { log, directory } = createDirectory();
  directory.get('T', 2);
  directory.get('U', 0);
  directory.delete('T');
  directory.delete('None');
  directory.tellAll({ kind: 'expire' });
  directory.get('T', 2);
  assert.equal(log.slice(2), ['stop T-2', 'U-0 expire', 'spawn T-2']);
});
