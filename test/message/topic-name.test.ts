import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  deadLetterTopic,
  groupNameFault,
  isDeadLetterTopic,
  isRetryTopic,
  isSendableTopic,
  isSystemTopic,
  replyTopic,
  retryTopic,
  topicNameFault,
} from '../../src/message/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('topic name');

test('legal names pass, retry and dead-letter topics too', () => {
  for (const name of ['TopicTest', 'a', '%RETRY%group', 'ns%topic', 'a|b', '-_', 'x'.repeat(127)]) {
    assert.is(topicNameFault(name), undefined, name);
  }
});

test("a bad name is refused in RocketMQ's words", () => {
  assert.is(topicNameFault(undefined), 'The specified topic is blank.');
  assert.is(topicNameFault('  '), 'The specified topic is blank.');
  const illegal =
    'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$';
  for (const name of ['a b', 'a/b', '../x', 'a.b', 'é', 'a\n', 'a\0', `${'x'.repeat(127)}!`]) {
    assert.is(topicNameFault(name), illegal, name);
  }
  assert.is(
    topicNameFault('x'.repeat(128)),
    'The specified topic is longer than topic max length.',
  );
});

test('no legal name leaves its folder', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      if (topicNameFault(name) === undefined) assert.not.ok(/[./\\\0]/.test(name));
    }),
  );
});

test('group names may be longer and are checked alike', () => {
  assert.is(groupNameFault('CID_x-1'), undefined);
  assert.is(groupNameFault(''), 'the specified group is blank');
  assert.is(
    groupNameFault('x'.repeat(256)),
    'the specified group is longer than group max length 255.',
  );
  assert.match(groupNameFault('a/b') ?? '', /contains illegal characters/);
});

test('derived names are recognized', () => {
  assert.is(retryTopic('g'), '%RETRY%g');
  assert.is(deadLetterTopic('g'), '%DLQ%g');
  assert.is(replyTopic('DefaultCluster'), 'DefaultCluster_REPLY_TOPIC');
  assert.ok(isRetryTopic('%RETRY%g') && !isRetryTopic('%DLQ%g'));
  assert.ok(isDeadLetterTopic('%DLQ%g') && !isDeadLetterTopic('g'));
});

test('system topics are known by name and by prefix', () => {
  assert.ok(isSystemTopic('TBW102') && isSystemTopic('rmq_sys_x'));
  assert.not.ok(isSystemTopic('TopicTest'));
  assert.not.ok(isSendableTopic('SCHEDULE_TOPIC_XXXX'));
  assert.ok(isSendableTopic('TopicTest'));
});
