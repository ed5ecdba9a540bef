import * as assert from 'uvu/assert';
import { drawTree } from '../../src/cli/supervision-tree.ts';
import { suite } from '../support/suite.ts';

const test = suite('supervision tree');

const counters = { handled: 12, mailbox: 0, restarts: 1, busyMs: 3.6, deadLetters: 0 };
const tree = {
  id: 'root',
  state: 'running',
  ...counters,
  children: [
    {
      id: 'home',
      state: 'running',
      ...counters,
      children: [{ id: 'queue-T-0', state: 'running', ...counters }],
    },
    { id: 'namesrv', state: 'restarting', ...counters },
  ],
};

test('children stand below their supervisor, counters in columns', () => {
  assert.equal(drawTree(tree), [
    'actor            state       handled  mailbox  restarts  busy ms  dead letters',
    'root             running          12        0         1        4             0',
    '├─ home          running          12        0         1        4             0',
    '│  └─ queue-T-0  running          12        0         1        4             0',
    '└─ namesrv       restarting       12        0         1        4             0',
  ]);
});

test('what is missing or of another kind is left blank', () => {
  assert.equal(
    drawTree([{ id: 'a', handled: 'x' }, 7, null])
      .map((line) => line.trim())
      .slice(1),
    ['a'],
  );
  assert.is(drawTree(undefined).length, 1);
});
