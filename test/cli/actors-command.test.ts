import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { controlPathOf, serveControl } from '../../src/node/index.ts';
import { suite } from '../support/suite.ts';
import { fakeContext } from './fake-context.ts';

const test = suite('actors command');
const tree = {
  shards: [{ name: 'broker', tree: { root: { children: [{ id: 'queue-T-0', handled: 3 }] } } }],
};

test('"saturnmq actors" asks the running node of a store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  const server = await serveControl(controlPathOf(folder), { inspect: () => tree });
  try {
    const context = fakeContext();
    assert.is(await runCli('saturnmq', ['actors', '--store', folder], context, '1'), 0);
    assert.ok(context.lines.some((line) => line.includes('queue-T-0')));
    const json = fakeContext();
    assert.is(await runCli('saturnmq', ['actors', '--store', folder, '--json'], json, '1'), 0);
    assert.equal(JSON.parse(json.lines.join('\n')), tree);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
  const gone = fakeContext();
  assert.is(await runCli('saturnmq', ['actors', '--store', folder], gone, '1'), 1);
  assert.ok(gone.errors[0]?.includes('no node answers'));
});
