import * as assert from 'uvu/assert';
import type { BrokerSettings } from '../../../src/broker/index.ts';
import { PULL_FLAG } from '../../../src/message/index.ts';
import {
  LitePullMessage,
  type PullMessageHeader,
  QueryConsumerOffset,
  type RemotingCommand,
  requestCommand,
} from '../../../src/protocol/index.ts';
import type { SimClient } from '../../sim/sim-client.ts';
import { suite } from '../../support/suite.ts';
import {
  bodiesOf,
  bootBroker,
  createGroup,
  createTopic,
  GROUP,
  heartbeat,
  pullHeader,
  pullOf,
  sendOf,
  subscriptionTo,
  T,
  verdict,
} from '../broker-fixture.ts';

const test = suite('pulls');

const FAQ = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';

interface RefusalCase {
  readonly what: string;
  readonly pull?: Partial<PullMessageHeader>;
  readonly settings?: Partial<BrokerSettings>;
  readonly prepare?: (client: SimClient) => void;
  readonly code: number;
  readonly remark: string | RegExp;
}

/** In the order of RocketMQ's checks; each pull is also wrong in all that is checked later. */
const REFUSALS: readonly RefusalCase[] = [
  {
    what: 'from a broker that may not be read',
    pull: { topic: 'None', queueId: 99 },
    settings: { brokerPermission: 2, autoCreateSubscriptionGroup: false },
    code: 16,
    remark: 'the broker[10.0.0.1] pulling message is forbidden',
  },
  {
    what: 'of a group nobody created',
    pull: { topic: 'None', queueId: 99 },
    settings: { autoCreateSubscriptionGroup: false },
    code: 26,
    remark: `subscription group [${GROUP}] does not exist, ${FAQ}`,
  },
  {
    what: 'of a group that may not consume',
    pull: { topic: 'None', queueId: 99 },
    prepare: (client) => void createGroup(client, { consumeEnable: false }),
    code: 16,
    remark: `subscription group no permission, ${GROUP}`,
  },
  {
    what: 'of a topic nobody created',
    pull: { topic: 'None', queueId: 99 },
    code: 17,
    remark: `topic[None] not exist, apply first please!${FAQ}`,
  },
  {
    what: 'of a topic with an illegal name',
    pull: { topic: '../../x' },
    code: 17,
    remark: `topic[../../x] not exist, apply first please!${FAQ}`,
  },
  {
    what: 'of a topic that may not be read',
    pull: { queueId: 99 },
    prepare: (client) => void createTopic(client, { topic: T, perm: 2 }),
    code: 16,
    remark: `the topic[${T}] pulling message is forbidden`,
  },
  {
    what: 'of a queue behind the last',
    pull: { queueId: 4, expressionType: 'SQL92' },
    code: 1,
    remark:
      /^queueId\[4\] is illegal, topic:\[TopicTest\] topicConfig\.readQueueNums:\[4\] consumer:\[10\.0\.0\.20:\d+\]$/,
  },
  { what: 'of a negative queue', pull: { queueId: -1 }, code: 1, remark: /^queueId\[-1\] is ill/ },
  {
    what: 'with a subscription that says nothing',
    pull: { subscription: '||' },
    code: 23,
    remark: "parse the consumer's subscription failed",
  },
  {
    what: 'with an SQL expression',
    pull: { expressionType: 'SQL92', subscription: 'a > 1' },
    code: 1,
    remark: 'The broker does not support consumer to filter message by SQL92',
  },
  {
    what: 'of a group without members, by its registered subscription',
    pull: { sysFlag: 0 },
    code: 24,
    remark: 'the consumer group info is not exist',
  },
  {
    what: 'of a group that may not broadcast and does',
    pull: { sysFlag: 0, subVersion: 99 },
    prepare: (client) => {
      createGroup(client, { consumeBroadcastEnable: false });
      heartbeat(client, 'a', { messageModel: 'BROADCASTING', subscriptionDataSet: [] });
    },
    code: 16,
    remark: `the consumer group[${GROUP}] can not consume by broadcast way`,
  },
  {
    what: 'of a topic the group does not subscribe to',
    pull: { sysFlag: 0, subVersion: 99 },
    prepare: (client) =>
      void heartbeat(client, 'a', { subscriptionDataSet: [subscriptionTo('Other')] }),
    code: 24,
    remark: 'the consumer does not subscribe this topic',
  },
  {
    what: 'with a subscription newer than the registered one',
    pull: { sysFlag: 0, subVersion: 99 },
    prepare: (client) => void heartbeat(client, 'a'),
    code: 25,
    remark: "the consumer's subscription is not the latest one",
  },
];

for (const { what, pull, settings, prepare, code, remark } of REFUSALS) {
  test(`refused: ${what}`, () => {
    const { world, client } = bootBroker(settings);
    client.call(sendOf());
    prepare?.(client);
    const answer = client.call(pullOf(pull));
    assert.is(answer.code, code, answer.remark);
    if (remark instanceof RegExp) assert.match(answer.remark ?? '', remark);
    else assert.is(answer.remark, remark);
    assert.equal(world.failures, []);
  });
}

test('each field a pull must have is asked for by its name', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  const command = pullOf();
  for (const key of Object.keys(pullHeader())) {
    if (key === 'subscription' || key === 'expressionType') continue;
    const { [key]: _, ...extFields } = command.extFields ?? {};
    const answer = client.call({ ...command, extFields });
    assert.equal(verdict(answer), [1, `the custom field <${key}> is null`]);
  }
});

test('a subscription and its type may be absent: all messages', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  const { subscription: _, expressionType: __, ...extFields } = pullOf().extFields ?? {};
  assert.equal(bodiesOf(client.call({ ...pullOf(), extFields })), ['body']);
});

const sendTagged = (client: SimClient): void => {
  for (const [body, tag] of [
    ['1', 'A'],
    ['2', 'B'],
    ['3', 'C'],
    ['4', 'A'],
    ['5', undefined],
  ] as const) {
    client.call(sendOf(tag === undefined ? {} : { properties: { TAGS: tag } }, body));
  }
};

test('a pull brings the messages its own subscription matches', () => {
  const { client } = bootBroker();
  sendTagged(client);
  const table: readonly (readonly [string, readonly string[]])[] = [
    ['*', ['1', '2', '3', '4', '5']],
    ['', ['1', '2', '3', '4', '5']],
    ['A', ['1', '4']],
    ['A || B', ['1', '2', '4']],
    [' C||A ', ['1', '3', '4']],
    ['a', []],
  ];
  for (const [subscription, bodies] of table) {
    const answer = client.call(pullOf({ subscription }));
    assert.equal(bodiesOf(answer), bodies, subscription);
    assert.is(answer.extFields?.['nextBeginOffset'], '5', subscription);
  }
});

test('without a subscription of its own a pull is filtered by the registered one', () => {
  const { client } = bootBroker();
  sendTagged(client);
  const subscribe = (subString: string, subVersion: number) =>
    heartbeat(client, 'a', {
      subscriptionDataSet: [subscriptionTo(T, { subString, subVersion })],
    });
  const pulled = (subVersion: number) => client.call(pullOf({ sysFlag: 0, subVersion }));
  subscribe('B', 5);
  assert.equal(bodiesOf(pulled(5)), ['2']);
  assert.equal(bodiesOf(pulled(4)), ['2']);
  assert.is(pulled(6).code, 25);
  subscribe('C', 4); // Older: it comes from a client that was overtaken.
  assert.equal(bodiesOf(pulled(5)), ['2']);
  subscribe('C', 6);
  assert.equal(bodiesOf(pulled(6)), ['3']);
});

test('no more messages than asked for, and the offset goes on behind the last', () => {
  const { client } = bootBroker();
  sendTagged(client);
  const pulled = (maxMsgNums: number): readonly [string[], string | undefined] => {
    const answer = client.call(pullOf({ maxMsgNums }));
    return [bodiesOf(answer), answer.extFields?.['nextBeginOffset']];
  };
  assert.equal(pulled(2), [['1', '2'], '2']);
  assert.equal(pulled(1), [['1'], '1']);
  assert.equal(pulled(0x7fffffff)[0].length, 5);
  for (const senseless of [0, -1, -0x80000000]) {
    const [bodies, next] = pulled(senseless);
    assert.ok(bodies.length <= 1, `${senseless}: ${bodies.length}`);
    assert.is(next, String(bodies.length));
  }
});

const committed = (client: SimClient): number =>
  Number(
    client.callAs(QueryConsumerOffset, { consumerGroup: GROUP, topic: T, queueId: 0 }).extFields?.[
      'offset'
    ],
  );

test('an offset that comes with a pull is committed where the flag says so', () => {
  const { client } = bootBroker();
  sendTagged(client);
  const flags = PULL_FLAG.SUBSCRIPTION;
  client.call(pullOf({ commitOffset: 3 }));
  assert.is(committed(client), 0);
  client.call(pullOf({ commitOffset: 3, sysFlag: flags | PULL_FLAG.COMMIT_OFFSET }));
  assert.is(committed(client), 3);
  client.call(pullOf({ commitOffset: -1, sysFlag: flags | PULL_FLAG.COMMIT_OFFSET }));
  assert.is(committed(client), 3);
});

test('a refused pull commits nothing', () => {
  const { client } = bootBroker();
  sendTagged(client);
  const sysFlag = PULL_FLAG.COMMIT_OFFSET;
  assert.is(client.call(pullOf({ commitOffset: 3, sysFlag })).code, 24);
  assert.is(client.call(pullOf({ commitOffset: 3, sysFlag, queueId: 9 })).code, 1);
  assert.is(committed(client), 0);
});

test('lite pulls of later clients are pulls', () => {
  const { client } = bootBroker();
  client.call(sendOf());
  const answer: RemotingCommand = client.call(requestCommand(LitePullMessage, pullHeader()));
  assert.equal(bodiesOf(answer), ['body']);
});
