import * as assert from 'uvu/assert';
import { Pacer } from '../../../src/cli/bench/pacer.ts';
import { Recorder } from '../../../src/cli/bench/recorder.ts';
import { runLoad } from '../../../src/cli/bench/run-load.ts';
import { suite } from '../../support/suite.ts';
import { answeringNetwork, loadPlan } from './load-fixture.ts';

const test = suite('warm-up of a load');
const WARM = { warmSeconds: 0.3 };
const ENDED = /ended within its warm-up/;

test('no report claims more seconds than have passed since the warm-up', async () => {
  const { network } = answeringNetwork(1);
  const reports: { readonly seconds: number; readonly atMs: number }[] = [];
  const onTick = (seconds: number): void => void reports.push({ seconds, atMs: performance.now() });
  await runLoad(loadPlan(network, new Pacer(0), { ...WARM, seconds: 0.3, onTick }));
  const first = reports.findIndex(({ seconds }) => seconds >= 0);
  const [warm, measured] = [reports[first - 1], reports[first]];
  assert.ok(warm !== undefined && measured !== undefined);
  const possible = (measured.atMs - warm.atMs + 5) / 1000;
  assert.ok(measured.seconds <= possible, `${measured.seconds} s of ${possible} s`);
});

test('a number of requests is counted from the end of the warm-up', async () => {
  for (const rate of [0, 400]) {
    const { network, requests } = answeringNetwork(20);
    const recorder = new Recorder();
    const end = await runLoad(loadPlan(network, new Pacer(rate, 100), { ...WARM, recorder }));
    assert.is(end.problem, undefined);
    assert.equal([recorder.requests, recorder.messages, recorder.latency.count], [100, 100, 100]);
    assert.ok((requests[0] ?? 0) >= 150, String(requests));
  }
});

test('a load that is interrupted within its warm-up has measured nothing, and says so', async () => {
  const { network, requests } = answeringNetwork(1);
  const recorder = new Recorder();
  const interrupted = AbortSignal.timeout(100);
  const plan = loadPlan(network, new Pacer(0), { warmSeconds: 20, recorder, interrupted });
  const end = await runLoad(plan);
  assert.match(end.problem ?? '', ENDED);
  assert.ok(end.isInterrupted);
  assert.ok((requests[0] ?? 0) > 0);
  assert.equal([recorder.messages, end.seconds, end.cpuMicros], [0, 0, 0]);
});

test('a load that has nothing more to ask within its warm-up has measured nothing, and says so', async () => {
  const { network } = answeringNetwork(1);
  const recorder = new Recorder();
  let left = 20;
  const work = {
    requestBytesMax: 4,
    messagesPerRequest: 1,
    write: (target: Buffer, at: number, _slot: number, opaque: number) =>
      left-- > 0 ? target.writeInt32BE(opaque, at) : -1,
    read: () => 1,
  };
  const targets = [{ address: '127.0.0.1:1', slots: 2, work }];
  const plan = loadPlan(network, new Pacer(0), { warmSeconds: 20, recorder, targets });
  const end = await runLoad(plan);
  assert.match(end.problem ?? '', ENDED);
  assert.is(recorder.messages, 0);
});
