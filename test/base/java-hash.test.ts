import * as assert from 'uvu/assert';
import { javaHash } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('java hash');

test('texts hash as in Java, wrapping to a signed 32-bit integer', () => {
  const known: [string, number][] = [
    ['', 0],
    ['a', 97],
    ['TagA', 2598919],
    ['TopicTest', -1902610879],
    ['中文', 646394],
  ];
  for (const [text, hash] of known) assert.is(javaHash(text), hash, text);
});
