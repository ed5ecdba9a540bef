import * as assert from 'uvu/assert';
import { drawTree } from '../../src/cli/supervision-tree.ts';
import { suite } from '../support/suite.ts';

const test = suite('supervision tree');

const actor = (id: string, children: object[] = []): object => ({
  id,
  actor: id,
  state: 'running',
  handled: 12,
  mailbox: 0,
  mailboxMax: 1024,
  refused: 0,
  restarts: 1,
  busyMs: 3.6,
  children,
});
const shard = (name: string, restarts: number, children: object[]): object => ({
  name,
  state: 'running',
  threadId: 1,
  restarts,
  tree: { shard: name, deadLetters: 7, root: actor('', children) },
});
const system = {
  root: { shard: 'root', deadLetters: 0, root: actor('') },
  shards: [
    shard('namesrv', 0, [actor('name-server')]),
    shard('broker', 2, [actor('broker', [actor('broker/registrar'), actor('broker/queue-T-0')])]),
    { name: 'gone', state: 'restarting', restarts: 3 },
  ],
};

test('threads and actors stand below what supervises them, counters in columns', () => {
  assert.equal(drawTree(system), [
    'actor            state       handled  mailbox  refused  restarts  busy ms  dead letters',
    'root thread      running                                                              0',
    'shard namesrv    running                                       0                      7',
    '└─ name-server   running          12        0        0         1        4',
    'shard broker     running                                       2                      7',
    '└─ broker        running          12        0        0         1        4',
    '   ├─ registrar  running          12        0        0         1        4',
    '   └─ queue-T-0  running          12        0        0         1        4',
    'shard gone       restarting                                    3',
  ]);
});

test('what is missing or of another kind is left blank', () => {
  for (const odd of [undefined, 7, [], { root: 1, shards: [null, { name: 3 }] }])
    assert.is(drawTree(odd)[1]?.trim(), 'root thread');
});
