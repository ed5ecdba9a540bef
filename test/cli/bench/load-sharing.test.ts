import * as assert from 'uvu/assert';
import { Pacer } from '../../../src/cli/bench/pacer.ts';
import { runLoad } from '../../../src/cli/bench/run-load.ts';
import { suite } from '../../support/suite.ts';
import { answeringNetwork, loadPlan, opaqueWork } from './load-fixture.ts';

const test = suite('load sharing');
const target = { address: '127.0.0.1:1', slots: 8, work: opaqueWork };

test('a low rate is shared by all connections, each gets the same', async () => {
  const { network, requests } = answeringNetwork();
  const targets = [target, target];
  await runLoad(loadPlan(network, new Pacer(500, 101), { targets }));
  assert.equal(requests, [51, 50]);
});

test('a connection without room leaves its turn to the next', async () => {
  const { network, requests } = answeringNetwork(2000);
  const targets = [{ ...target, slots: 1 }, target, { ...target, slots: 2 }];
  await runLoad(loadPlan(network, new Pacer(1000, 20), { targets, timeoutMs: 100 }));
  const [first = 0, second = 0, third = 0] = requests;
  assert.ok(first >= 1 && third >= 2 && second >= 8, String(requests));
});

test('without a rate every connection is filled at once', async () => {
  const { network, requests } = answeringNetwork();
  await runLoad(loadPlan(network, new Pacer(0, 20), { targets: [target, target] }));
  assert.is(
    requests.reduce((sum, count) => sum + count),
    20,
  );
  assert.ok(Math.min(...requests) >= 8, String(requests));
});
