import * as assert from 'uvu/assert';
import { socketProblem } from '../../src/node/socket-problem.ts';
import { suite } from '../support/suite.ts';

const test = suite('socket problem');
const REMEDIES = { taken: 'take another', denied: 'go higher', foreign: 'stay here' };

const problem = (code: string, facts: object): string | undefined =>
  socketProblem(
    new Error('start', { cause: Object.assign(new Error(code), { code, ...facts }) }),
    REMEDIES,
  )?.message;

test('each problem of a socket has its remedy', () => {
  const at = { address: '127.0.0.1', port: 80 };
  assert.is(
    problem('EADDRINUSE', at),
    'port 80 on 127.0.0.1 is taken by another program; take another',
  );
  assert.ok(problem('EACCES', at)?.endsWith('go higher'));
  assert.ok(problem('EADDRNOTAVAIL', at)?.endsWith('stay here'));
});

test('what names no port is no problem of a socket', () => {
  assert.is(problem('EACCES', { path: 'x' }), undefined);
  assert.is(problem('ENOENT', { port: 1 }), undefined);
  assert.is(socketProblem('text', REMEDIES), undefined);
});
