import * as assert from 'uvu/assert';
import { errorCode, ManualClock } from '../../src/base/index.ts';
import {
  createUniqueKeyMaker,
  hostBytes,
  hostText,
  parseUniqueKey,
  uniqueKeyTimeMs,
} from '../../src/message/index.ts';
import { readGolden, readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const test = suite('unique key');
const MONTH_START_MS = new Date(2026, 3, 1).getTime();

interface KeyVector {
  readonly ip: string;
  readonly pid: number;
  readonly classLoaderHash: number;
  readonly timeDiffMs: number;
  readonly counter: number;
  readonly id: string;
}

test('ids are made and taken apart as the 4.9.2 client does', () => {
  const { uniqKey } = readGolden<{ uniqKey: KeyVector[] }>('store-vectors.json');
  for (const { ip, pid, classLoaderHash, timeDiffMs, counter, id } of uniqKey) {
    const make = createUniqueKeyMaker({
      clock: new ManualClock(MONTH_START_MS + timeDiffMs),
      host: hostBytes(ip),
      processId: pid,
      instanceId: classLoaderHash,
      firstCounter: counter,
    });
    assert.is(make(), id);
    const facts = parseUniqueKey(id);
    assert.is(hostText(facts.host), ip);
    assert.equal(
      [facts.processId, facts.instanceId, facts.millisSinceMonthStart, facts.counter],
      [pid, classLoaderHash, timeDiffMs, counter],
    );
  }
});

test('an id on the wire says who made it', () => {
  for (const { text = '', decoded } of readVectors('uniqId')) {
    const facts = parseUniqueKey(text);
    const expected = decoded as Record<string, string | number>;
    assert.is(hostText(facts.host), expected['ip']);
    assert.is(facts.processId, expected['pid']);
    assert.is((facts.instanceId >>> 0).toString(16).toUpperCase(), expected['classLoaderHash']);
    assert.is(facts.millisSinceMonthStart, expected['millisSinceMonthStart']);
    assert.is(facts.counter, expected['counter']);
  }
});

test('ids of one client differ, also when the counter wraps and the month ends', () => {
  const clock = new ManualClock(MONTH_START_MS - 1);
  const host = hostBytes('10.0.0.1');
  const make = createUniqueKeyMaker({ clock, host, processId: 1, instanceId: 2 });
  const ids = new Set<string>();
  for (let count = 0; count < 70_000; count++) {
    ids.add(make());
    if (count % 1000 === 0) clock.advance(1);
  }
  assert.is(ids.size, 70_000);
  assert.ok(parseUniqueKey(make()).millisSinceMonthStart < 1000);
});

test('an id knows its time, seen from this month or the next', () => {
  const clock = new ManualClock(MONTH_START_MS + 5_000);
  const host = hostBytes('10.0.0.1');
  const id = createUniqueKeyMaker({ clock, host, processId: 1, instanceId: 2 })();
  assert.is(uniqueKeyTimeMs(id, MONTH_START_MS + 9_000), MONTH_START_MS + 5_000);
  const nextMonthMs = new Date(2026, 4, 1).getTime();
  assert.is(uniqueKeyTimeMs(id, nextMonthMs + 1_000), MONTH_START_MS + 5_000);
});

test('what is no id is refused', () => {
  assert.throws(
    () => parseUniqueKey('zz'),
    (error: unknown) => errorCode(error) === 'MESSAGE_ID_MALFORMED',
  );
});
