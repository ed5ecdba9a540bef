import * as assert from 'uvu/assert';
import { measurePull, measurePush, type ReadPlan } from '../../../src/cli/bench/embedded-reads.ts';
import { measureSends } from '../../../src/cli/bench/embedded-sends.ts';
import { withEmbedded } from '../../node/embed/embed-fixture.ts';
import { suite } from '../../support/suite.ts';
import { goesOn, sendPlan } from './embedded-fixture.ts';

const test = suite('embedded reads');
const LIMIT_MS = 60_000;
const plan: Omit<ReadPlan, 'where'> = {
  topic: 'T',
  bodyBytes: 10,
  stop: goesOn,
  onTick: () => undefined,
};

test(
  'both consumers read everything that is stored',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      await measureSends(sendPlan(node));
      for (const measure of [measurePull, measurePush]) {
        const { recorder, end } = await measure({ ...plan, where: { node } });
        assert.is(end.problem, undefined);
        assert.equal([recorder.messages, recorder.bytes], [200, 2000]);
        assert.ok(end.seconds >= 0 && end.seconds < 30, String(end.seconds));
      }
    }),
  LIMIT_MS,
);

test(
  'bodies that are not those that were sent are found',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      await measureSends(sendPlan(node));
      const { end } = await measurePull({ ...plan, bodyBytes: 11, where: { node } });
      assert.is(end.problem, '200 messages stored, 200 read with 2000 bytes of bodies');
    }),
  LIMIT_MS,
);

test(
  'a signal ends them without a word about what was not read',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      await measureSends(sendPlan(node));
      const stop = AbortSignal.abort();
      for (const measure of [measurePull, measurePush]) {
        const { end } = await measure({ ...plan, stop, where: { node } });
        assert.ok(end.isInterrupted);
        assert.is(end.problem, undefined);
      }
    }),
  LIMIT_MS,
);
