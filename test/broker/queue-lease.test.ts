import * as assert from 'uvu/assert';
import { LEASES_MAX } from '../../src/broker/broker-limits.ts';
import { LEASE_MS, QueueLease } from '../../src/broker/queue-lease.ts';
import { suite } from '../support/suite.ts';

const test = suite('queue lease');

test('one client of a group holds the queue, and renews it', () => {
  const lease = new QueueLease();
  assert.ok(lease.acquire('group', 'a', 0));
  assert.not.ok(lease.acquire('group', 'b', 1));
  assert.ok(lease.acquire('group', 'a', 2));
});

test('groups do not share a lease', () => {
  const lease = new QueueLease();
  assert.ok(lease.acquire('group-1', 'a', 0));
  assert.ok(lease.acquire('group-2', 'b', 0));
});

test('a lease that was not renewed goes to who asks next, not a moment earlier', () => {
  const lease = new QueueLease();
  lease.acquire('group', 'a', 1_000);
  assert.not.ok(lease.acquire('group', 'b', 1_000 + LEASE_MS));
  assert.ok(lease.acquire('group', 'b', 1_001 + LEASE_MS));
  assert.not.ok(lease.acquire('group', 'a', 1_002 + LEASE_MS));
});

test('only the holder gives a lease back', () => {
  const lease = new QueueLease();
  lease.acquire('group', 'a', 0);
  lease.release('group', 'b');
  assert.not.ok(lease.acquire('group', 'b', 1));
  lease.release('group', 'a');
  assert.ok(lease.acquire('group', 'b', 2));
});

test('a client that is gone holds nothing in any group', () => {
  const lease = new QueueLease();
  lease.acquire('group-1', 'a', 0);
  lease.acquire('group-2', 'a', 0);
  lease.releaseAll('a');
  assert.ok(lease.acquire('group-1', 'b', 1));
  assert.ok(lease.acquire('group-2', 'b', 1));
});

test('groups beyond the limit wait until others are gone', () => {
  const lease = new QueueLease();
  for (let group = 0; group < LEASES_MAX; group++)
    assert.ok(lease.acquire(`group-${group}`, 'a', 0));
  assert.not.ok(lease.acquire('one-more', 'a', 1));
  assert.ok(lease.acquire('group-0', 'a', 1));
  assert.ok(lease.acquire('one-more', 'a', LEASE_MS + 1));
  assert.not.ok(lease.acquire('group-0', 'b', LEASE_MS + 1));
});
