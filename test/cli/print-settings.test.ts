import * as assert from 'uvu/assert';
import { runCli } from '../../src/cli/run-cli.ts';
import { suite } from '../support/suite.ts';
import { fakeContext, withFile } from './fake-context.ts';

const test = suite('print settings');

test('-p prints every item as name=value, -m the important ones, and nothing starts', () =>
  withFile('brokerName=b1\naclEnable=true\n', async (path) => {
    const all = fakeContext();
    assert.is(await runCli('mqbroker', ['-c', path, '-p'], all, '1'), 0);
    assert.ok(all.lines.includes('brokerName=b1') && all.lines.includes('highSpeedMode=false'));
    assert.ok(all.lines.length > 150);
    assert.ok(all.errors.some((line) => line.includes('aclEnable')));
    const important = fakeContext();
    assert.is(await runCli('mqbroker', ['-m'], important, '1'), 0);
    assert.ok(important.lines.includes('brokerClusterName=DefaultCluster'));
    assert.not.ok(important.lines.includes('highSpeedMode=false'));
    const namesrv = fakeContext();
    assert.is(await runCli('mqnamesrv', ['-p'], namesrv, '1'), 0);
    assert.ok(namesrv.lines.includes('listenPort=9876'));
    assert.equal([...all.started, ...important.started, ...namesrv.started], []);
  }));
