import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { eventually } from './eventually.ts';
import type { Interop } from './interop.ts';
import type { LedgerFacts, LoadFacts, VerifyFacts } from './java-driver.ts';
import { type Broker, killHomeShard } from './servers.ts';

const QUEUES = 4;
/** Two lanes a queue: at any moment eight sends are on their way. */
const LANES = 8;
/** Acknowledged messages between one death and the next. */
const PROGRESS = 200;
const PROGRESS_LIMIT_MS = 90_000;

export interface DeathsOptions {
  readonly deaths: number;
  readonly flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  /** `process`: kill -9 and a restart. `shard`: the home shard's thread ends and the process goes on. */
  readonly victim: 'process' | 'shard';
}

const die = async (broker: Broker, victim: DeathsOptions['victim']): Promise<void> => {
  if (victim === 'shard') {
    killHomeShard(broker);
    return;
  }
  await broker.kill9();
  await broker.restart();
};

/**
 * Lets a broker die again and again under a Java producer's load, then reads everything back: what was acknowledged
 * must be there, whole and in order, and a consumer that was connected all along must have got it.
 */
export const surviveDeaths = async (interop: Interop, options: DeathsOptions): Promise<void> => {
  const driver = await interop.driver();
  const names = await interop.nameServer(interop.target);
  const { flushDiskType } = options;
  const broker = await interop.broker(interop.target, {
    namesrvAddr: names.address,
    flushDiskType,
    hasFaults: options.victim === 'shard',
  });
  const at = { namesrv: names.address, broker: broker.address };
  const topic = interop.unique('deaths');
  await driver.call('topicCreate', { ...at, topic, queues: QUEUES });
  // A broker that was restarted knows a consumer again from its next heartbeat on.
  const member = { group: topic, handle: topic, heartbeatMs: 1_000 };
  await driver.call('consumerOpen', { ...at, topic, ...member });

  const folder = interop.folder('acknowledged');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'acknowledged.txt');
  const load = {
    handle: topic,
    run: 'load',
    lanes: LANES,
    bodyBytes: 200,
    sequencesMax: 2_000_000,
  };
  await driver.call('load', { ...at, topic, file, timeoutMs: 3_000, ...load });
  const progress = async (): Promise<LoadFacts> => {
    const before = await driver.call<LoadFacts>('loadFacts', { handle: topic });
    const goal = before.acknowledged + PROGRESS;
    const facts = await eventually(
      () => driver.call<LoadFacts>('loadFacts', { handle: topic }),
      ({ acknowledged }) => acknowledged >= goal,
      PROGRESS_LIMIT_MS,
    );
    const { child } = broker;
    const state = child.isRunning ? 'runs' : `is gone: ${JSON.stringify(await child.ended)}`;
    const told = `no progress: ${JSON.stringify(facts)}; the broker ${state}\n${child.output()}`;
    assert.ok(facts.acknowledged >= goal, told);
    return facts;
  };

  await progress();
  const pid = broker.child.pid;
  const gaps: number[] = [];
  for (let death = 0; death < options.deaths; death++) {
    // The moment of death moves through a flush interval and through whatever the broker does in it.
    await new Promise((resolve) => setTimeout(resolve, randomInt(0, 600)));
    await driver.call('loadFacts', { handle: topic, resetsGap: true });
    await die(broker, options.victim);
    gaps.push((await progress()).gapMsMax);
  }
  if (options.victim === 'shard') {
    assert.ok(broker.child.isRunning);
    assert.is(broker.child.pid, pid);
  }
  const done = await driver.call<LoadFacts>('loadStop', { handle: topic });
  const checked = { ...at, topic, file, run: 'load', group: 'verifier' };
  const verified = await driver.call<VerifyFacts>('verify', checked, 300_000);
  console.log(
    `${options.victim} deaths ${options.deaths}, ${flushDiskType}: acknowledged ${verified.acknowledged}, ` +
      `stored ${verified.distinct}, missing ${verified.missing}, duplicates ${verified.duplicates}; ` +
      `ms without an answer ${gaps.sort((a, b) => a - b).join(' ')}`,
  );
  assert.is(verified.acknowledged, done.acknowledged);
  assert.equal(verified.missingExamples, []);
  assert.is(verified.missing, 0);
  // The loader never repeats a send, so nothing may be stored twice or out of its lane's order.
  assert.is(verified.duplicates, 0);
  assert.is(verified.contentBreaks + verified.storeBreaks + verified.mixedLanes, 0);

  const consumed = await driver.call<LedgerFacts>('awaitLedger', {
    handles: [topic],
    distinct: verified.distinct,
    timeoutMs: 90_000,
    settleMs: 0,
  });
  assert.is(consumed.distinct, verified.distinct);
  assert.is(consumed.contentBreaks, 0);
  assert.is(consumed.sum, verified.sum);
  await driver.call('consumerClose', { handle: topic });
  await broker.stop();
  await names.child.stop();
};
