import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { describeOptions, parseArguments } from '../../src/cli/arguments.ts';
import { suite } from '../support/suite.ts';

const test = suite('arguments');
const table = {
  namesrvAddr: { short: 'n', value: 'list', meaning: 'Servers' },
  port: { value: 'port', meaning: 'Port' },
  print: { short: 'p', meaning: 'Print' },
};
const parse = (...args: string[]): ReturnType<typeof parseArguments> =>
  parseArguments(table, args, 1);
const problem = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    assert.is(errorCode(error), 'USAGE');
    assert.not.ok((error as Error).message.includes('\n'));
    return (error as Error).message;
  }
  return assert.unreachable() as never;
};

test('the four ways to write an option are one', () => {
  for (const args of [['-n', 'a:1'], ['-na:1'], ['--namesrvAddr', 'a:1'], ['--namesrvAddr=a:1']])
    assert.is(parse(...args).text('namesrvAddr'), 'a:1', args.join(' '));
});

test('flags, values and positionals are told apart', () => {
  const parsed = parse('-p', 'topic', '--port', '80');
  assert.ok(parsed.has('print'));
  assert.not.ok(parsed.has('namesrvAddr'));
  assert.equal([...parsed.positionals], ['topic']);
  assert.is(parsed.integer('port', 0, 100), 80);
  assert.is(parse().integer('port', 0, 100), undefined);
});

test('an unknown option, a missing value and too many words are one line each', () => {
  assert.ok(problem(() => parse('--nope')).includes('--nope'));
  assert.ok(problem(() => parse('-x')).includes('-x'));
  assert.ok(problem(() => parse('--port')).includes('--port'));
  assert.ok(problem(() => parse('a', 'b')).includes('"b"'));
});

test('a number outside its limits says the limits', () => {
  for (const bad of ['x', '1.5', '101', '1e1', ''])
    assert.ok(
      problem(() => parse(`--port=${bad}`).integer('port', 0, 100)).includes('from 0 to 100'),
    );
});

test('each option has a line of help', () => {
  const lines = describeOptions(table);
  assert.is(lines.length, 3);
  assert.ok(lines[0]?.includes('-n, --namesrvAddr <list>'));
  assert.ok(lines[1]?.includes('    --port <port>'));
});
