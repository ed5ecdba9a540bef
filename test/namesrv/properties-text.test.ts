import { equal, is } from 'uvu/assert';
import { formatPropertiesText, parsePropertiesText } from '../../src/namesrv/properties-text.ts';
import { suite } from '../support/suite.ts';

const test = suite('properties-text');
const parse = (text: string): object => Object.fromEntries(parsePropertiesText(text));

test('entries are read with each separator, comments and blank lines are not', () => {
  equal(parse('a=1\n b : 2\r\nc 3\n#d=4\n!e=5\n\n  # f=6\ng\nh='), {
    a: '1',
    b: '2',
    c: '3',
    g: '',
    h: '',
  });
});

test('blanks before a value are dropped, those behind it are kept', () => {
  equal(parse('a =  1 \nb=x = y'), { a: '1 ', b: 'x = y' });
});

test('escapes and continued lines are undone', () => {
  equal(parse('a\\=b=1\\\n   2\npath=c:\\\\x\\ty\nu=\\u0041\\q\nend=x\\\\\nnext=1'), {
    'a=b': '12',
    path: 'c:\\x\ty',
    u: 'Aq',
    end: 'x\\',
    next: '1',
  });
  equal(parse('last=1\\'), { last: '1' });
});

test('the last entry of a key wins', () => {
  equal(parse('a=1\na=2'), { a: '2' });
});

test('what is written is what RocketMQ writes', () => {
  is(
    formatPropertiesText([
      ['a', 1],
      ['b', 'x y'],
      ['c', true],
    ]),
    'a=1\nb=x y\nc=true\n',
  );
});
