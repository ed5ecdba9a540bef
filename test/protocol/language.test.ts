import * as assert from 'uvu/assert';
import { LANGUAGES, languageCode, languageName } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('language');

test("codes are Java's, unknown ones count as OTHER", () => {
  assert.equal([languageName(0), languageName(7), languageName(9)], ['JAVA', 'OTHER', 'GO']);
  for (const [code, name] of LANGUAGES.entries()) assert.is(languageCode(name), code);
  assert.is(languageName(200), 'OTHER');
  assert.is(languageCode('KLINGON'), 7);
});
