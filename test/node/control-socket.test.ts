import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import type { ControlHandlers } from '../../src/node/control-socket.ts';
import { askControl, controlPathOf, serveControl } from '../../src/node/control-socket.ts';
import { suite } from '../support/suite.ts';

const test = suite('control socket');

const withSocket = async (
  handlers: ControlHandlers,
  body: (path: string) => Promise<void>,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-'));
  const server = await serveControl(controlPathOf(join(folder, 'store')), handlers);
  try {
    await body(server.path);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

const codeOf = (asked: Promise<unknown>): Promise<string | undefined> =>
  asked.then(
    () => undefined,
    (error) => errorCode(error) ?? String(error),
  );

test('a request is answered by its handler, with the argument', () =>
  withSocket(
    { twice: async (n) => ({ value: Number(n) * 2 }), nothing: () => undefined },
    async (path) => {
      assert.equal(await askControl(path, { request: 'twice', argument: 21 }), { value: 42 });
      assert.is(await askControl(path, { request: 'nothing' }), null);
    },
  ));

test('an unknown request and a throwing handler are errors with the reason', () => {
  const broken = (): never => {
    throw new Error('broken pipe organ');
  };
  return withSocket({ broken }, async (path) => {
    assert.is(await codeOf(askControl(path, { request: 'toString' })), 'CONTROL_FAILED');
    const message = await askControl(path, { request: 'broken' }).catch(String);
    assert.ok(String(message).includes('broken pipe organ'));
  });
});

test('an answer of many packets arrives whole', () =>
  withSocket({ big: () => 'x'.repeat(5_000_000) }, async (path) => {
    const answer = await askControl(path, { request: 'big' });
    assert.is(String(answer).length, 5_000_000);
  }));

test('several requests on one connection are answered in order', () =>
  withSocket({ echo: (n) => n }, async (path) => {
    const lines = await new Promise<string>((done) => {
      const socket = connect(path);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
        if (text.split('\n').length === 4) socket.end(() => done(text));
      });
      const request = (argument: number): string => JSON.stringify({ request: 'echo', argument });
      socket.write(`${request(1)}\n${request(2)}\nno json\n`);
    });
    const results = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(
      results.slice(0, 2).map(({ result }) => result),
      [1, 2],
    );
    assert.is(results[2].ok, false);
  }));

test('a line without end is cut off', () =>
  withSocket({}, async (path) => {
    await new Promise<void>((done) => {
      const socket = connect(path);
      socket.on('error', () => undefined);
      socket.on('close', () => done());
      const more = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(16_384)));
      };
      socket.on('drain', more);
      socket.on('connect', more);
    });
  }));

test('without a node the error names the path and the remedy', async () => {
  const path = join(tmpdir(), 'saturnmq-none', 'control.sock');
  assert.is(await codeOf(askControl(path, { request: 'inspect' })), 'CONTROL_UNREACHABLE');
});

test('a node that never answers is an error in time', () =>
  withSocket({ stuck: () => new Promise(() => undefined) }, async (path) => {
    assert.is(await codeOf(askControl(path, { request: 'stuck' }, 50)), 'CONTROL_UNREACHABLE');
  }));

test('a file left by a dead process is replaced, a living one is not', () =>
  withSocket({ inspect: () => 1 }, async (path) => {
    assert.is(await codeOf(serveControl(path, {})), 'PORT_TAKEN');
    assert.is(await askControl(path, { request: 'inspect' }), 1);
    const left = `${path}.left`;
    writeFileSync(left, '');
    const server = await serveControl(left, { inspect: () => 2 });
    assert.is(await askControl(left, { request: 'inspect' }), 2);
    await server.close();
    assert.not.ok(existsSync(left));
  }));

test('only the owner may open the socket', () => {
  if (process.platform === 'win32') return;
  return withSocket({}, async (path) => {
    assert.is(statSync(path).mode & 0o777, 0o600);
  });
});

test('a folder too long for a socket gets a short path of its own', () => {
  const long = join(tmpdir(), 'x'.repeat(120));
  assert.ok(Buffer.byteLength(controlPathOf(long, 'linux')) <= 103);
  assert.is.not(controlPathOf(long, 'linux'), controlPathOf(`${long}y`, 'linux'));
  assert.ok(controlPathOf('/a', 'win32').startsWith('\\\\.\\pipe\\'));
});

test('a folder that cannot be made is an error at once', async () => {
  if (process.platform !== 'linux') return;
  assert.is(await codeOf(serveControl('/proc/no-such-folder/control.sock', {})), 'ENOENT');
});
