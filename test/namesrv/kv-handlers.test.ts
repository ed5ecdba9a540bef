import { equal, is } from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { createFixture } from './name-server-fixture.ts';

const test = suite('kv-handlers');

test('what is put is got, listed, kept over a restart and deleted', () => {
  const fixture = createFixture();
  const { ask } = fixture;
  is(ask(100, { fields: { namespace: 'N', key: 'k', value: 'v' } }).code, 0);
  is(ask(100, { fields: { namespace: 'N', key: 'l', value: '' } }).code, 0);
  equal(ask(101, { fields: { namespace: 'N', key: 'k' } }).extFields, { value: 'v' });
  is(ask(219, { fields: { namespace: 'N' } }).body?.toString(), '{"table":{"k":"v","l":""}}');
  const again = createFixture({}, fixture.disk);
  equal(again.ask(101, { fields: { namespace: 'N', key: 'k' } }).extFields, { value: 'v' });
  is(again.ask(102, { fields: { namespace: 'N', key: 'k' } }).code, 0);
  is(again.ask(102, { fields: { namespace: 'N', key: 'k' } }).code, 0);
  is(again.ask(219, { fields: { namespace: 'N' } }).body?.toString(), '{"table":{"l":""}}');
});

test("what is missing is answered with RocketMQ's words", () => {
  const { ask } = createFixture();
  const entry = ask(101, { fields: { namespace: 'N', key: 'k' } });
  is(entry.code, 22);
  is(entry.remark, 'No config item, Namespace: N Key: k');
  const all = ask(219, { fields: { namespace: 'N' } });
  is(all.code, 22);
  is(all.remark, 'No config item, Namespace: N');
});

test('absent or endless names and values are refused', () => {
  const { ask, nameServer } = createFixture();
  for (const fields of [
    {},
    { namespace: 'N', value: 'v' },
    { key: 'k', value: 'v' },
    { namespace: 'N', key: 'k'.repeat(2000), value: 'v' },
    { namespace: 'N', key: 'k', value: 'v'.repeat(100_000) },
  ]) {
    is(ask(100, { fields }).code, 1, JSON.stringify(fields).slice(0, 60));
  }
  is(nameServer.kv.size, 0);
});

test('a disk that fails is an error of the request, and nothing is changed', () => {
  const { ask, disk } = createFixture();
  ask(100, { fields: { namespace: 'N', key: 'k', value: '1' } });
  disk.failNextWrite('kvConfig');
  is(ask(100, { fields: { namespace: 'N', key: 'k', value: '2' } }).code, 1);
  equal(ask(101, { fields: { namespace: 'N', key: 'k' } }).extFields, { value: '1' });
});
