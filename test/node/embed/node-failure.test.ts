import * as assert from 'uvu/assert';
import { fromPlainError, toPlainError } from '../../../src/actors/index.ts';
import { crossedFailure, nodeFailure } from '../../../src/node/embed/node-failure.ts';
import { NodeError } from '../../../src/node/index.ts';
import { suite } from '../../support/suite.ts';

const test = suite('node failure');

const failure = (code: string, facts: object = {}): NodeError =>
  nodeFailure(Object.assign(new Error('why'), { code, ...facts }));

test('a store in use names its holder and TCP', () => {
  const own = failure('STORE_IN_USE', { details: { path: 'store/lock', holder: process.pid } });
  assert.is(own.code, 'STORE_IN_USE');
  assert.ok(own.message.includes('the store in store is in use by another node of this process'));
  assert.ok(own.message.includes('TCP'));
  const other = failure('STORE_IN_USE', { details: { path: 'store/lock', holder: 1 } });
  assert.ok(other.message.includes('process 1'), other.message);
});

test('known causes keep their code and get a remedy, others are START_FAILED', () => {
  assert.is(failure('EADDRINUSE', { address: '127.0.0.1', port: 9876 }).code, 'PORT_TAKEN');
  assert.is(failure('ERR_WORKER_OUT_OF_MEMORY').code, 'OUT_OF_MEMORY');
  assert.is(failure('BAD_FOLDER').code, 'BAD_FOLDER');
  assert.is(failure('DISK_FULL').code, 'DISK_FULL');
  const other = failure('SEGMENT_LENGTH');
  assert.is(other.code, 'START_FAILED');
  assert.is(other.details['code'], 'SEGMENT_LENGTH');
  assert.ok(other.cause instanceof Error);
  assert.is(nodeFailure(new Error('why'), 'NODE_FAILED').code, 'NODE_FAILED');
  assert.is(nodeFailure(other), other);
});

test('threads that died too often: what the last one died of decides', () => {
  const exceeded = (cause: Error): NodeError => {
    const error = new Error('more than 3 restarts in 60000 ms', { cause });
    return nodeFailure(Object.assign(error, { code: 'RESTARTS_EXCEEDED' }), 'NODE_FAILED');
  };
  const memory = Object.assign(new Error('why'), { code: 'ERR_WORKER_OUT_OF_MEMORY' });
  assert.is(exceeded(memory).code, 'OUT_OF_MEMORY');
  const bug = exceeded(new Error('a bug'));
  assert.is(bug.code, 'NODE_FAILED');
  for (const words of ['more than 3 restarts', 'a bug', 'start another'])
    assert.ok(bug.message.includes(words), bug.message);
});

test('a failure of the node keeps its words when it crosses a thread', () => {
  const said = failure('STORE_IN_USE', { details: { path: 'store/lock', holder: 1 } });
  const crossed = crossedFailure(fromPlainError(structuredClone(toPlainError(said))));
  assert.instance(crossed, NodeError);
  assert.equal([crossed.code, crossed.message], [said.code, said.message]);
  assert.equal(crossed.details, said.details);
  assert.is(crossedFailure(new Error('why')).code, 'NODE_FAILED');
});
