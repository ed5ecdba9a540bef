import { equal, is } from 'uvu/assert';
import { ManualClock, ManualScheduler, seededRandom, silentLogger } from '../../src/base/index.ts';
import type { Channel } from '../../src/client/channel.ts';
import { NameServers } from '../../src/client/name-servers.ts';
import { PublishRoutes } from '../../src/client/publish-route.ts';
import { Remote } from '../../src/client/remote.ts';
import { Routes } from '../../src/client/routes.ts';
import { Sender } from '../../src/client/send-call.ts';
import { type SendOptions, SendTask } from '../../src/client/send-task.ts';
import type { SendResult } from '../../src/client/types.ts';
import {
  encodeHeader,
  encodeTopicRouteData,
  type RemotingCommand,
  ResponseCode,
  responseOf,
  SendMessageV2,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { rejectionCode, viewOf } from './fake-cluster.ts';

const test = suite('send-task');
const CONTENT = { topic: 'T', body: Buffer.from('x'), uniqueKey: 'ID' };
const TIMEOUT_MS = 1000;
const MESSAGE = { topic: 'T', body: 'x' };

const startTask = (
  task: SendTask,
  options: SendOptions,
  resolve: (result: SendResult) => void,
  reject: (error: unknown) => void,
): void => {
  Object.assign(task.content, CONTENT);
  task.start(MESSAGE, options, options.timeoutMs ?? TIMEOUT_MS, resolve, reject);
};

const route = responseOf(ResponseCode.SUCCESS, {
  body: encodeTopicRouteData(
    {
      brokerDatas: ['a', 'b'].map((brokerName) => ({
        brokerName,
        cluster: 'C',
        brokerAddrs: new Map([[0, `${brokerName}:1`]]),
      })),
      queueDatas: ['a', 'b'].map((brokerName) => ({
        brokerName,
        perm: 6,
        readQueueNums: 1,
        writeQueueNums: 1,
        topicSysFlag: 0,
      })),
      filterServerTable: new Map(),
    },
    false,
  ),
});
const stored = responseOf(ResponseCode.SUCCESS, {
  extFields: encodeHeader(SendMessageV2.response, { msgId: 'M', queueId: 0, queueOffset: 7 }),
});

/** A send whose answers are scripted: a response, an error's code, or nothing. */
const create = (answers: (RemotingCommand | string)[]) => {
  const sent: string[] = [];
  const freed: (SendTask | undefined)[] = [];
  let ended = 0;
  const channel: Channel = {
    call(definition, address, _, __, ___, done) {
      if (definition.code !== SendMessageV2.code) {
        setImmediate(() => done(undefined, viewOf(route)));
        return;
      }
      sent.push(address);
      const answer = answers.shift();
      if (typeof answer === 'string')
        setImmediate(() => done(Object.assign(new Error('no'), { code: answer })));
      else if (answer !== undefined) setImmediate(() => done(undefined, viewOf(answer)));
    },
    oneway: (_, __, ___, ____, done) => done(),
    close: () => undefined,
  };
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const random = seededRandom(1);
  const routes = new Routes({
    names: new NameServers('n:1', new Remote(channel), random),
    scheduler,
    logger: silentLogger,
    defaultTopicQueueNums: 4,
    onChange: () => undefined,
  });
  const parts = {
    sender: new Sender(channel, 'PG', 4, clock),
    routes,
    publish: new PublishRoutes(random),
    retries: 2,
    onEnd: (free?: SendTask) => {
      ended += 1;
      freed.push(free);
    },
  };
  const send = (options: SendOptions = {}) =>
    new Promise<SendResult>((resolve, reject) =>
      startTask(new SendTask(parts), options, resolve, reject),
    );
  return { send, sent, clock, routes, freed, ended: () => ended };
};

test('a known route needs one call; an unknown one is asked for first', async () => {
  const { send, sent, ended } = create([stored, stored]);
  const first = await send();
  is(first.queueOffset, 7);
  is(first.msgId, 'ID');
  is(first.offsetMsgId, 'M');
  const second = send();
  is(sent.length, 2, 'the second is on its way before its turn ends');
  await second;
  is(ended(), 2);
  is(new Set(sent).size, 2);
});

test('a task is free for another send once its only call was answered, and holds nothing of it', async () => {
  const { send, freed } = create([stored, stored, 'CONNECTION_CLOSED', stored, stored]);
  await send();
  is(freed[0], undefined, 'the way around may leave calls behind that nobody waits for');
  await send();
  const task = freed[1] as SendTask;
  is(task.content.body.length, 0);
  is(task.content.uniqueKey + task.content.propertiesText, '');
  const again = await new Promise<SendResult>((resolve, reject) =>
    startTask(task, {}, resolve, reject),
  );
  is(again.queueOffset, 7);
  is(freed[2], undefined, 'it went around after a failure');
  const signal = new AbortController().signal;
  await send({ signal });
  is(freed[3], undefined);
});

test('after a failure another broker is tried, from the straight path and around', async () => {
  const refused = responseOf(ResponseCode.SYSTEM_ERROR);
  const { send, sent, ended } = create([stored, 'CONNECTION_CLOSED', refused, stored]);
  await send();
  is((await send()).queueOffset, 7);
  is(sent.length, 4);
  const [, first, second, third] = sent;
  is(new Set([first, second]).size, 2);
  is(third, first);
  is(ended(), 2);
});

test('the retries end, and the last failure is told', async () => {
  const { send, sent, ended } = create([
    stored,
    'CONNECT_FAILED',
    'REQUEST_TIMEOUT',
    'OUTPUT_FULL',
  ]);
  await send();
  is(await rejectionCode(send()), 'CONNECTION_FAILED');
  is(sent.length, 4);
  is(ended(), 2);
});

test('a fixed queue, a used up time and a failure that no broker mends are not retried', async () => {
  const { send, sent, clock } = create([stored, 'CONNECT_FAILED', 'CONNECT_FAILED', 'BAD_ADDRESS']);
  await send();
  const messageQueue = { topic: 'T', brokerName: 'a', queueId: 0 };
  is(await rejectionCode(send({ messageQueue })), 'CONNECTION_FAILED');
  const late = send();
  clock.advance(1000);
  is(await rejectionCode(late), 'CONNECTION_FAILED');
  is(await rejectionCode(send()), 'BAD_ARGUMENT');
  is(sent.length, 4);
});

test('what is wrong before the call is told as a rejection', async () => {
  const { send, sent, ended } = create([stored]);
  await send();
  const other = { topic: 'Other', brokerName: 'a', queueId: 0 };
  is(await rejectionCode(send({ messageQueue: other })), 'BAD_ARGUMENT');
  const unknown = { topic: 'T', brokerName: 'z', queueId: 0 };
  is(await rejectionCode(send({ messageQueue: unknown })), 'NO_QUEUE');
  const queueSelector = () => {
    throw new Error('mine');
  };
  is(await rejectionCode(send({ queueSelector })), 'Error: mine');
  equal(sent.length, 1);
  is(ended(), 4);
});
