import * as assert from 'uvu/assert';
import { PutStatus } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { StoreFixture } from './store-fixture.ts';

const test = suite('storage/message-store');

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `message ${from + index}`);

test('what was appended is read back in order, across rolled segments and queue files', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(100)) assert.is(fixture.put({ body }), PutStatus.PUT_OK);
  assert.equal(fixture.bodies(), numbers(100));
  assert.ok(fixture.store.appendedPosition > 4 * 2048);
  assert.is(fixture.store.dispatchedPosition, fixture.store.appendedPosition);
});

test('an orderly close leaves no abort marker and everything comes back', () => {
  const fixture = new StoreFixture();
  for (const body of numbers(50)) fixture.put({ body });
  const end = fixture.store.appendedPosition;
  assert.is(fixture.close(), undefined);
  assert.is(fixture.disk.stat('/store/abort'), undefined);
  fixture.memory.cutPower({ seed: 1, keepUnsynced: 0 });
  fixture.open();
  assert.is(fixture.store.appendedPosition, end);
  assert.equal(fixture.bodies(), numbers(50));
  fixture.put({ body: 'next' });
  assert.equal(fixture.bodies(), [...numbers(50), 'next']);
});

test('a killed process loses nothing', () => {
  const fixture = new StoreFixture();
  for (let round = 0; round < 5; round++) {
    for (const body of numbers(30, round * 30)) fixture.put({ body });
    fixture.kill();
    assert.equal(fixture.bodies(), numbers((round + 1) * 30));
  }
});
