import * as assert from 'uvu/assert';
import {
  hasShortNames,
  longSlot,
  PullMessage,
  SendMessage,
  SendMessageV2,
  SLOT,
  SLOT_COUNT,
  SLOT_NAMES,
  shortSlot,
  wireName,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('slots');

test('every long name leads to its slot, and nothing else does', () => {
  for (const [name, slot] of Object.entries(SLOT)) {
    const bytes = Buffer.from(`xx${name}xx`);
    assert.is(longSlot(bytes, 2, bytes.length - 2), slot, name);
    assert.is(longSlot(bytes, 2, bytes.length - 1), -1);
    assert.is(longSlot(bytes, 3, bytes.length - 2), -1);
  }
  assert.is(longSlot(Buffer.from(''), 0, 0), -1);
  assert.is(SLOT_NAMES.length, SLOT_COUNT);
});

test('the letters a to n are the first fourteen slots', () => {
  assert.is(shortSlot(0x61), SLOT.producerGroup);
  assert.is(shortSlot(0x6e), SLOT.bname);
  assert.is(shortSlot(0x6f), -1);
  assert.is(shortSlot(0x41), -1);
});

test('slots are named on the wire as the commands define', () => {
  for (const { name, key } of SendMessageV2.request.plan) {
    assert.is(wireName(SLOT[name as keyof typeof SLOT], SendMessageV2.code), key);
  }
  for (const command of [SendMessage, PullMessage]) {
    for (const { name, key } of command.request.plan) {
      assert.is(wireName(SLOT[name as keyof typeof SLOT], command.code), key);
    }
  }
  assert.ok(hasShortNames(310) && hasShortNames(320) && hasShortNames(325) && !hasShortNames(10));
});
