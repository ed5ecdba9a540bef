import * as assert from 'uvu/assert';
import { isReplyId, Replies } from '../../src/actors/replies.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/replies');

const start = () => {
  let dead = 0;
  const replies = new Replies(() => {
    dead += 1;
  });
  return { replies, dead: () => dead };
};

test('an answer settles once and is forgotten', () => {
  const { replies, dead } = start();
  const got: unknown[] = [];
  const pending = replies.open((reply) => got.push(reply));
  assert.ok(isReplyId(pending.ref.id));
  assert.is(replies.find(pending.ref.id), pending);
  assert.ok(pending.ref.tell(1));
  assert.not(pending.ref.run(2));
  pending.giveUp();
  assert.equal(got, [1]);
  assert.is(dead(), 1);
  assert.is(replies.size, 0);
});

test('what is cancelled never settles', () => {
  const { replies } = start();
  const pending = replies.open(() => assert.unreachable());
  pending.cancel();
  pending.giveUp();
  assert.not(pending.ref.tell(1));
});

test('when a shard is gone, the questions it was asked end, and only those', () => {
  const { replies } = start();
  const got: string[] = [];
  for (const shard of ['a', 'b', 'a', undefined]) {
    replies.open((reply) => got.push(`${shard} ${reply}`)).askedShard = shard;
  }
  replies.giveUpShard('a');
  assert.equal(got, ['a undefined', 'a undefined']);
  assert.is(replies.size, 2);
});

test('no path of an actor is a reply id', () => {
  assert.not(isReplyId('broker/queues/x~1'));
});
