import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { errorCode } from '../../../src/base/index.ts';
import { parseProperties, readPropertiesFile } from '../../../src/node/config/properties-file.ts';
import { suite } from '../../support/suite.ts';

const test = suite('properties file');
const pairs = (source: string): [string, string][] =>
  parseProperties(source, 'f').map(({ key, value }) => [key, value]);

test('comments, blank lines, the three separators and escapes are read as Java reads them', () => {
  const source = '# c\n! c\n\n a = b\nc:d\ne f g\nh\\=i=j\nk=l\\\n   m\nu=\\u4e2d\\t|\nempty\nz=';
  assert.equal(pairs(source), [
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f g'],
    ['h=i', 'j'],
    ['k', 'lm'],
    ['u', '中\t|'],
    ['empty', ''],
    ['z', ''],
  ]);
});

test('blanks at the end of a value stay, carriage returns do not', () => {
  assert.equal(pairs('a=b  \r\nc=d\t\r\n'), [
    ['a', 'b  '],
    ['c', 'd\t'],
  ]);
});

test('an entry knows its line', () => {
  const places = parseProperties('#\n\na=1\n  b=2\\\n   3\nc=4', 'broker.conf').map(
    ({ place }) => place,
  );
  assert.equal(places, ['broker.conf line 3', 'broker.conf line 4', 'broker.conf line 6']);
});

test('bytes count as ISO-8859-1', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  try {
    const path = join(folder, 'broker.conf');
    writeFileSync(path, Buffer.from([0x61, 0x3d, 0xe9]));
    assert.is(readPropertiesFile(path)[0]?.value, 'é');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a missing file is one line that names it and the remedy', () => {
  const path = join(tmpdir(), 'saturnmq-missing', 'broker.conf');
  try {
    readPropertiesFile(path);
    assert.unreachable();
  } catch (error) {
    assert.is(errorCode(error), 'CONFIG_UNREADABLE');
    const { message } = error as Error;
    assert.ok(message.includes(path) && message.includes('-c') && !message.includes('\n'));
  }
});

test('any text ends in a list of entries', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (source) => {
      for (const entry of parseProperties(source, 'f')) assert.type(entry.value, 'string');
    }),
  );
});
