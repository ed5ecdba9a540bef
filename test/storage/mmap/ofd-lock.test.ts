import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { type Libc, loadLibc } from '../../../src/storage/mmap/libc.ts';
import { takeOfdLock } from '../../../src/storage/mmap/ofd-lock.ts';
import { suite } from '../../support/suite.ts';
import { codeOf } from '../disk-fixture.ts';
import { withFolder } from '../real-fixture.ts';

const test = suite('lock of the open file');
const JAVA_LIMIT_MS = 60_000;

const libcOf = (): Libc => {
  const result = loadLibc();
  if ('reason' in result) throw new Error(result.reason);
  return result.libc;
};

const errorOf = (body: () => unknown): Error & { code?: string; details?: { holder?: number } } => {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('no error');
};

/** Starts a process and resolves with its first line. */
const firstLine = async (
  command: string,
  args: readonly string[],
): Promise<{ child: ChildProcess; line: string; ended: Promise<void> }> => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    void ended.then(() => reject(new Error(`${command} ended: ${text}`)));
  });
  return { child, line, ended };
};

const finish = async ({ child, ended }: { child: ChildProcess; ended: Promise<void> }) => {
  child.stdin?.end();
  await ended;
};

test('a second opener in this process is kept out, by name', () =>
  withFolder((folder) => {
    const path = join(folder, 'lock');
    const lock = takeOfdLock(libcOf(), path);
    const error = errorOf(() => takeOfdLock(libcOf(), path));
    assert.is(error.code, 'STORE_IN_USE');
    assert.is(error.details?.holder, process.pid);
    assert.match(error.message, /this process \(\d+\) holds .*lock.*storePathRootDir.*TCP/);
    lock.release();
    takeOfdLock(libcOf(), path).release();
  }));

test('the lock stays when another descriptor of the file is closed', () =>
  withFolder((folder) => {
    const path = join(folder, 'lock');
    const lock = takeOfdLock(libcOf(), path);
    closeSync(openSync(path, 'r+'));
    readFileSync(path);
    assert.is(
      codeOf(() => takeOfdLock(libcOf(), path)),
      'STORE_IN_USE',
    );
    lock.release();
  }));

test('the file says "lock", whatever it said before', () =>
  withFolder((folder) => {
    for (const content of ['', 'lock', 'locked', 'other']) {
      const path = join(folder, `lock-${content}`);
      writeFileSync(path, content);
      takeOfdLock(libcOf(), path).release();
      assert.is(readFileSync(path, 'utf8'), 'lock');
    }
  }));

test('a missing folder is the system’s error', () =>
  withFolder((folder) => {
    assert.is(
      codeOf(() => takeOfdLock(libcOf(), join(folder, 'none', 'lock'))),
      'ENOENT',
    );
  }));

test('another process with the lock is named, and dies with it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'lock');
    const module = new URL('../../../src/storage/mmap/', import.meta.url).href;
    const script = `
      const { loadLibc } = await import('${module}libc.js');
      const { takeOfdLock } = await import('${module}ofd-lock.js');
      takeOfdLock(loadLibc().libc, process.argv[1]);
      console.log('locked');
      process.stdin.resume();`;
    const args = ['--input-type=module', '-e', script, path];
    const { child, line, ended } = await firstLine(process.execPath, args);
    assert.is(line, 'locked');
    const error = errorOf(() => takeOfdLock(libcOf(), path));
    assert.is(error.details?.holder, child.pid);
    assert.match(error.message, new RegExp(`process ${child.pid} holds`));
    child.kill('SIGKILL');
    await ended;
    takeOfdLock(libcOf(), path).release();
  }));

const source = fileURLToPath(
  new URL('../../../../test/storage/mmap/HoldLock.java', import.meta.url),
);
const java = spawnSync('java', ['-version']);
const javaClaim = 'a Java broker’s lock and ours keep each other out';
if (java.status !== 0) test.skip(javaClaim, 'there is no java on this machine');
else
  test(
    javaClaim,
    () =>
      withFolder(async (folder) => {
        const path = join(folder, 'lock');
        const args = ['-XX:TieredStopAtLevel=1', source, path];
        const holder = await firstLine('java', args);
        assert.is(holder.line, 'locked');
        const error = errorOf(() => takeOfdLock(libcOf(), path));
        assert.is(error.code, 'STORE_IN_USE');
        assert.is(error.details?.holder, holder.child.pid);
        await finish(holder);
        const lock = takeOfdLock(libcOf(), path);
        const refused = await firstLine('java', args);
        assert.is(refused.line, 'refused');
        await finish(refused);
        assert.is(
          codeOf(() => takeOfdLock(libcOf(), path)),
          'STORE_IN_USE',
        );
        lock.release();
      }),
    JAVA_LIMIT_MS,
  );
