import * as assert from 'uvu/assert';
import { countStored } from '../../../src/cli/bench/count-stored.ts';
import { measureSends } from '../../../src/cli/bench/embedded-sends.ts';
import { withEmbedded } from '../../node/embed/embed-fixture.ts';
import { suite } from '../../support/suite.ts';
import { sendPlan } from './embedded-fixture.ts';

const test = suite('embedded sends');
const LIMIT_MS = 60_000;

test(
  'a number of calls is kept, each counts its messages, and the broker holds them',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const single = await measureSends(sendPlan(node));
      assert.is(single.end.problem, undefined);
      const { requests, messages, bytes, latency } = single.recorder;
      assert.equal([requests, messages, bytes], [200, 200, 2000]);
      // Every sixteenth is timed.
      assert.is(latency.count, 12);
      const batches = await measureSends(sendPlan(node, { topic: 'B', batch: 5, lanes: 2 }));
      assert.equal([batches.recorder.requests, batches.recorder.messages], [200, 1000]);
      assert.is(batches.recorder.latency.count, 200);
      assert.is(await countStored({ node }, 'B'), 1000);
    }),
  LIMIT_MS,
);

test(
  'time ends it, and what was sent in the warm-up is held against the store all the same',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const ticks: number[] = [];
      const onTick = (seconds: number): void => void ticks.push(seconds);
      const plan = sendPlan(node, { quantity: 0, seconds: 1, warmSeconds: 1, onTick });
      const { recorder, end } = await measureSends(plan);
      assert.is(end.problem, undefined);
      assert.ok(end.seconds >= 1, String(end.seconds));
      assert.ok(ticks.includes(-1) && ticks.some((seconds) => seconds > 0.5), `${ticks}`);
      assert.ok(recorder.messages < (await countStored({ node }, 'T')));
    }),
  LIMIT_MS,
);

test(
  'a number of calls is counted from the end of the warm-up',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const { recorder, end } = await measureSends(sendPlan(node, { warmSeconds: 1 }));
      assert.is(end.problem, undefined);
      assert.equal([recorder.requests, recorder.messages], [200, 200]);
      assert.ok((await countStored({ node }, 'T')) > 200);
    }),
  LIMIT_MS,
);

test(
  'a measurement that is ended within its warm-up has measured nothing, and says so',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const stop = AbortSignal.timeout(200);
      const plan = sendPlan(node, { quantity: 0, warmSeconds: 20, stop });
      const { recorder, end } = await measureSends(plan);
      assert.match(end.problem ?? '', /ended within its warm-up/);
      assert.equal([recorder.messages, end.seconds, end.cpuMicros], [0, 0, 0]);
      assert.ok((await countStored({ node }, 'T')) > 0);
    }),
  LIMIT_MS,
);

test(
  'a signal ends it with what it measured',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const controller = new AbortController();
      const onTick = (_: number, { messages }: { readonly messages: number }): void => {
        if (messages > 0) controller.abort();
      };
      const plan = sendPlan(node, { quantity: 0, stop: controller.signal, onTick });
      const { recorder, end } = await measureSends(plan);
      assert.ok(end.isInterrupted);
      assert.is(end.problem, undefined);
      assert.ok(recorder.messages > 0);
    }),
  LIMIT_MS,
);

test(
  'sends that are refused end it with the reason; a store that holds something else is named',
  () =>
    withEmbedded({ listen: false, broker: { maxMessageSize: 1024 } }, async (node) => {
      const refused = await measureSends(sendPlan(node, { bodyBytes: 2000, quantity: 0 }));
      assert.ok(refused.recorder.failed >= 100);
      assert.match(refused.recorder.problem ?? '', /MESSAGE_ILLEGAL/);
      await measureSends(sendPlan(node));
      const { end } = await measureSends(sendPlan(node));
      assert.is(end.problem, '200 acknowledged, 400 stored');
    }),
  LIMIT_MS,
);
