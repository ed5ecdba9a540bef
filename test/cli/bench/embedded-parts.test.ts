import * as assert from 'uvu/assert';
import {
  type MeasuredPart,
  measureParts,
  type PartsRun,
  partOf,
} from '../../../src/cli/bench/embedded-parts.ts';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import { withEmbedded } from '../../node/embed/embed-fixture.ts';
import { suite } from '../../support/suite.ts';
import { goesOn, smallRun } from './embedded-fixture.ts';

const test = suite('embedded parts');
const LIMIT_MS = 60_000;
const run: Omit<PartsRun, 'where'> = {
  embedded: smallRun,
  prefix: 'p',
  stop: goesOn,
  onPart: () => () => undefined,
};

test(
  'sends come first, then the backlog they left is consumed, then one send follows the other',
  () =>
    withEmbedded({ listen: false }, async (node) => {
      const parts: MeasuredPart[] = [];
      const started: string[] = [];
      const onPart: PartsRun['onPart'] = (name, kind) => {
        started.push(`${name}/${kind}`);
        return () => undefined;
      };
      await measureParts({ ...run, onPart, where: { node } }, parts);
      assert.equal(
        parts.map(({ name, recorder, end }) => [name, recorder.messages, end.problem]),
        [
          ['single sends', 100, undefined],
          ['batches', 500, undefined],
          ['pull consumer', 500, undefined],
          ['push consumer', 100, undefined],
          ['one send at a time', 100, undefined],
        ],
      );
      assert.is(started[1], 'batches/batch');
    }),
  LIMIT_MS,
);

test(
  'a measurement that fails is the last one',
  () =>
    withEmbedded({ listen: false, broker: { maxMessageSize: 1024 } }, async (node) => {
      const parts: MeasuredPart[] = [];
      const embedded = { ...smallRun, bodyBytes: 2000 };
      await measureParts({ ...run, embedded, where: { node } }, parts);
      assert.equal(
        parts.map(({ name }) => name),
        ['single sends'],
      );
      assert.ok((parts[0]?.recorder.failed ?? 0) > 0);
    }),
  LIMIT_MS,
);

test('a part has response times only where some were taken', () => {
  const recorder = new Recorder();
  recorder.count(4, 40);
  const end = { seconds: 2, cpuMicros: 8, isInterrupted: false, unsent: 0 };
  const part = { name: 'read', recorder, end };
  assert.equal(partOf(part), {
    ...{ name: 'read', messages: 4, messagesPerSecond: 2, cpuUsPerMessage: 2 },
  });
  recorder.success(1, 1, 10);
  assert.is(partOf(part).latencyUs?.p50, 1000);
  const nothing = partOf({ ...part, recorder: new Recorder(), end: { ...end, seconds: 0 } });
  assert.equal(nothing, { name: 'read', messages: 0, messagesPerSecond: 0 });
});
