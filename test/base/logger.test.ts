import * as assert from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('logger');

test('the silent logger says nothing, and neither do its children', () => {
  const child = silentLogger.child({ shard: 'a' });
  for (const logger of [silentLogger, child]) {
    assert.is(logger.debug({}, 'x'), undefined);
    assert.is(logger.info({}, 'x'), undefined);
    assert.is(logger.warn({}, 'x'), undefined);
    assert.is(logger.error({}, 'x'), undefined);
  }
});
