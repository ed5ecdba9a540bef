import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { DELAY_LEVELS_DEFAULT, parseDelayLevels } from '../../src/message/index.ts';
import { readGolden } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const test = suite('delay level');

test("the default levels have RocketMQ's delays", () => {
  const { delayLevels } = readGolden<{ delayLevels: { config: string; millis: number[] } }>(
    'store-vectors.json',
  );
  assert.is(DELAY_LEVELS_DEFAULT, delayLevels.config);
  const levels = parseDelayLevels(delayLevels.config);
  assert.is(levels.levelMax, delayLevels.millis.length);
  for (const [index, millis] of delayLevels.millis.entries()) {
    assert.is(levels.delayMs(index + 1), millis);
  }
});

test('a level above the largest is the largest, none is no delay', () => {
  const levels = parseDelayLevels('1s 2d');
  assert.is(levels.delayMs(3), 2 * 86_400_000);
  assert.is(levels.delayMs(0), 0);
  assert.is(levels.delayMs(-1), 0);
});

test('a broker must not start with levels it cannot read', () => {
  for (const text of ['', '1s  2s', '1', 's', '1x', '1.5s', '1s ', 'one']) {
    assert.throws(
      () => parseDelayLevels(text),
      (error: unknown) => errorCode(error) === 'DELAY_LEVELS_MALFORMED',
      text,
    );
  }
});
