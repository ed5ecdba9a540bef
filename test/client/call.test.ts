import { equal, is } from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import {
  delay,
  oneway,
  type RequestBounds,
  refusal,
  refusedWith,
  request,
  within,
} from '../../src/client/call.ts';
import type { Channel } from '../../src/client/channel.ts';
import { GetMinOffset, ResponseCode, responseOf } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { rejectionCode, viewOf } from './fake-cluster.ts';

const test = suite('call');
const ADDRESS = '10.0.0.1:1';
const HEADER = { topic: 'T', queueId: 0 };
const CALL = { command: GetMinOffset, address: ADDRESS, header: HEADER, body: undefined };
const ask = (channel: Channel, bounds: RequestBounds) => request(channel, CALL, bounds, () => 1);

/** A channel whose calls end with an error of this code, or never where there is none. */
const failing = (code: string | undefined): Channel => {
  const end = (done: (error: Error) => void): void => {
    if (code !== undefined) setImmediate(() => done(Object.assign(new Error('why'), { code })));
  };
  return {
    call: (_, __, ___, ____, _____, done) => end(done),
    oneway: (_, __, ___, ____, done) => end(done),
    close: () => undefined,
  };
};

test("the transport's errors become the client's", async () => {
  const expected = {
    BAD_ADDRESS: 'BAD_ARGUMENT',
    CONNECT_FAILED: 'CONNECTION_FAILED',
    CONNECTION_CLOSED: 'CONNECTION_FAILED',
    OUTPUT_FULL: 'CONNECTION_FAILED',
    REQUEST_TIMEOUT: 'TIMEOUT',
    TOO_MANY_REQUESTS: 'TOO_MANY_IN_FLIGHT',
    CLIENT_CLOSED: 'CLOSED',
  };
  for (const [code, mapped] of Object.entries(expected)) {
    const channel = failing(code);
    is(await rejectionCode(ask(channel, { timeoutMs: 1 })), mapped);
    is(await rejectionCode(oneway(channel, CALL)), mapped);
  }
});

test('a reader that throws fails the call, and nothing else', async () => {
  const channel: Channel = {
    ...failing(undefined),
    call: (_, __, ___, ____, _____, done) =>
      setImmediate(() => done(undefined, viewOf(responseOf(0)))),
  };
  const read = (): never => {
    throw Object.assign(new Error('no'), { code: 'BAD_RESPONSE' });
  };
  is(await rejectionCode(request(channel, CALL, { timeoutMs: 1 }, read)), 'BAD_RESPONSE');
});

test('an abort ends a call that waits, and one that has not begun', async () => {
  const aborting = new AbortController();
  const bounds = { timeoutMs: 1, signal: aborting.signal };
  const code = rejectionCode(ask(failing(undefined), bounds));
  aborting.abort();
  is(await code, 'ABORTED');
  is(await rejectionCode(ask(failing(undefined), bounds)), 'ABORTED');
  is(await rejectionCode(oneway(failing(undefined), CALL, aborting.signal)), 'ABORTED');
});

test('refusals carry the code; busy ones are worth another try', () => {
  const refused = refusal(ADDRESS, responseOf(ResponseCode.NO_PERMISSION, { remark: 'no' }));
  is(refused.code, 'REFUSED');
  is(refused.retryable, false);
  equal(refused.details, { address: ADDRESS, responseCode: 16, remark: 'no' });
  is(refusedWith(refused), 16);
  const busy = refusal(ADDRESS, responseOf(ResponseCode.SYSTEM_BUSY));
  is(busy.code, 'BUSY');
  is(busy.retryable, true);
  is(refusedWith(new Error('other')), undefined);
});

test('delays and shared work end by time, abort or result, and leave no timer behind', async () => {
  const scheduler = new ManualScheduler(new ManualClock());
  const waited = delay(scheduler, 100);
  scheduler.advance(100);
  await waited;
  const aborting = new AbortController();
  const aborted = rejectionCode(delay(scheduler, 100, aborting.signal));
  aborting.abort();
  is(await aborted, 'ABORTED');
  is(scheduler.pendingTimers, 0);
  is(await within(scheduler, Promise.resolve(5), { timeoutMs: 100 }), 5);
  is(scheduler.pendingTimers, 0);
  const late = rejectionCode(within(scheduler, new Promise(() => undefined), { timeoutMs: 100 }));
  scheduler.advance(100);
  is(await late, 'TIMEOUT');
});

test('work that fails after its waiter has left is no unhandled rejection', async () => {
  const scheduler = new ManualScheduler(new ManualClock());
  const work = new Promise<void>((_, reject) => setImmediate(() => reject(new Error('late'))));
  const bounds = { timeoutMs: 100, signal: AbortSignal.abort() };
  is(await rejectionCode(within(scheduler, work, bounds)), 'ABORTED');
  await new Promise((resolve) => setTimeout(resolve, 5));
  is(scheduler.pendingTimers, 0);
});
