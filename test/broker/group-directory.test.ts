import * as assert from 'uvu/assert';
import type { ActorRef } from '../../src/actors/index.ts';
import { GROUPS_MAX } from '../../src/broker/broker-limits.ts';
import type { ConsumerGroupMessage } from '../../src/broker/consumer-group-messages.ts';
import { GroupDirectory } from '../../src/broker/group-directory.ts';
import { suite } from '../support/suite.ts';

const test = suite('group directory');

const createDirectory = () => {
  const log: string[] = [];
  const spawn = (id: string): ActorRef<ConsumerGroupMessage> => {
    log.push(`spawn ${id}`);
    const take = ({ kind }: ConsumerGroupMessage): boolean => log.push(`${id} ${kind}`) > 0;
    return { id, tell: take, run: take };
  };
  return { log, directory: new GroupDirectory(spawn, ({ id }) => void log.push(`stop ${id}`)) };
};

test('a group is started by its first use, once, and again after it was deleted', () => {
  const { log, directory } = createDirectory();
  assert.is(directory.find('a'), undefined);
  assert.is(directory.get('a'), directory.get('a'));
  assert.is(directory.find('a'), directory.get('a'));
  directory.delete('a');
  directory.delete('a');
  directory.get('a');
  assert.equal(log, ['spawn a', 'stop a', 'spawn a']);
});

test('all started groups are told', () => {
  const { log, directory } = createDirectory();
  directory.get('a');
  directory.get('b');
  directory.tellAll({ kind: 'expire' });
  assert.equal(log.slice(2), ['a expire', 'b expire']);
  assert.equal(
    [...directory.entries()].map(([name]) => name),
    ['a', 'b'],
  );
});

test('a group beyond the limit is refused, a known one is not', () => {
  const { directory } = createDirectory();
  for (let group = 0; group < GROUPS_MAX; group++) directory.get(`group-${group}`);
  assert.throws(() => directory.get('one-more'), /system busy/);
  assert.ok(directory.get('group-7'));
});
