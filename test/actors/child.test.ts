import * as assert from 'uvu/assert';
import { child, MAILBOX_MAX, SHUTDOWN_MS, supervisor } from '../../src/actors/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard, scripted } from './support.ts';

const test = suite('actors/child');

const config = { id: 'a', trace: [] };

test('a child has defaults, and hides the type of its configuration', () => {
  const spec = child({ id: 'a', actor: scripted, config });
  assert.equal(
    [spec.actorName, spec.restart, spec.shutdownMs, spec.mailboxMax],
    ['scripted', 'permanent', SHUTDOWN_MS, MAILBOX_MAX],
  );
  const list = [
    spec,
    supervisor({ strategy: 'oneForOne', restartsMax: 1, periodMs: 1, children: [spec] }),
  ];
  assert.equal(
    list.map(({ id }) => id),
    ['a', 'supervisor'],
  );
});

test('a configuration that does not fit its actor is a compile error', () => {
  // @ts-expect-error the trace is missing
  child({ id: 'a', actor: scripted, config: { id: 'a' } });
});

test('a supervisor takes no messages', () => {
  const { shard } = manualShard();
  const spec = { strategy: 'oneForOne' as const, restartsMax: 1, periodMs: 1, children: [] };
  shard.spawnRoot(supervisor({ ...spec, id: 's' }));
  assert.equal(shard.inspect().root.children[0]?.mailboxMax, 0);
});
