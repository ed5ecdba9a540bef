import * as assert from 'uvu/assert';
import {
  isTagsCodeUsable,
  UNIT_BYTES,
  UnitReader,
  unitCommitLogOffset,
  unitRecordBytes,
  unitTagsCode,
  writeUnit,
} from '../../src/storage/queue-unit.ts';
import { suite } from '../support/suite.ts';
import { storeVectors } from './store-vectors.ts';

const test = suite('storage/queue-unit');

test('units are written and read as RocketMQ stores them', () => {
  for (const { note, physicalOffset, size, tagsCode, hex } of storeVectors.consumeQueue.units) {
    // An address of RocketMQ's extended units: read, never written.
    const isAddress = !Number.isSafeInteger(Number(tagsCode));
    const unit = Buffer.from(hex, 'hex');
    if (!isAddress) {
      unit.fill(0);
      writeUnit(unit, 0, Number(physicalOffset), size, Number(tagsCode));
    }
    assert.is(unit.toString('hex'), hex, note);
    assert.is(unitCommitLogOffset(unit, 0), Number(physicalOffset), note);
    assert.is(unitRecordBytes(unit, 0), size, note);
    assert.is(unitTagsCode(unit, 0), Number(BigInt.asIntN(32, BigInt(tagsCode))), note);
    assert.is(isTagsCodeUsable(unit, 0), !isAddress, note);
  }
});

test('the address of an extended unit is no tags code', () => {
  const unit = Buffer.alloc(UNIT_BYTES);
  for (const [code, isUsable] of [
    [0n, true],
    [-1n, true],
    [-(2n ** 31n), true],
    [-(2n ** 31n) - 1n, false],
    [-(2n ** 63n), false],
    [2n ** 40n, true],
  ] as const) {
    unit.writeBigInt64BE(code, 12);
    assert.is(isTagsCodeUsable(unit, 0), isUsable, String(code));
  }
});

test('a reader reuses its room', () => {
  const reader = new UnitReader();
  const large = reader.room(100);
  assert.is(large.length, 100);
  assert.is(reader.room(40).buffer, large.buffer);
  assert.is(reader.buffer.length, 40);
});
