import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { createYieldCore, type Libc, loadLibc } from '../../../src/storage/mmap/libc.ts';
import { suite } from '../../support/suite.ts';
import { codeOf } from '../disk-fixture.ts';
import { withFolder } from '../real-fixture.ts';

const test = suite('libc');

const libcOf = (): Libc => {
  const result = loadLibc();
  if ('reason' in result) throw new Error(result.reason);
  return result.libc;
};

const withFile = (bytes: number, body: (descriptor: number, path: string) => void): Promise<void> =>
  withFolder((folder) => {
    const path = join(folder, 'file');
    const descriptor = openSync(path, 'wx+');
    try {
      ftruncateSync(descriptor, bytes);
      body(descriptor, path);
    } finally {
      closeSync(descriptor);
    }
  });

const onPlatform = <T>(name: string, value: string, body: () => T): T => {
  const real = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, { value, configurable: true, enumerable: true });
  try {
    return body();
  } finally {
    if (real !== undefined) Object.defineProperty(process, name, real);
  }
};

test('a mapping shows the file and the file shows the mapping', () =>
  withFile(3 * 65_536, (descriptor, path) => {
    const libc = libcOf();
    writeSync(descriptor, 'from the file', 70_000);
    const address = libc.map(descriptor, 65_536, 65_536, true);
    const view = libc.view(address, 65_536);
    assert.is(view.toString('latin1', 70_000 - 65_536, 70_013 - 65_536), 'from the file');
    view.write('from the map', 100);
    assert.is(readFileSync(path).toString('latin1', 65_636, 65_648), 'from the map');
    libc.unmap(address, 65_536);
  }));

test('pages let go keep their bytes, in the file and for the mapping', () =>
  withFile(65_536, (descriptor, path) => {
    const libc = libcOf();
    const address = libc.map(descriptor, 0, 65_536, true);
    const bytes = libc.view(address, 65_536);
    bytes.fill(7);
    libc.letGo(address, 65_536);
    assert.ok(readFileSync(path).equals(Buffer.alloc(65_536, 7)));
    assert.ok(bytes.equals(Buffer.alloc(65_536, 7)));
    bytes[0] = 8;
    assert.is(readFileSync(path)[0], 8);
    libc.unmap(address, 65_536);
  }));

test('allocating gives a sparse file blocks and keeps its bytes and its length', () =>
  withFile(1024 * 1024, (descriptor) => {
    const libc = libcOf();
    writeSync(descriptor, 'kept', 10);
    libc.allocate(descriptor, 0, 256 * 1024);
    assert.ok(fstatSync(descriptor).blocks * 512 >= 256 * 1024);
    assert.is(fstatSync(descriptor).size, 1024 * 1024);
    const address = libc.map(descriptor, 0, 65_536, false);
    assert.is(libc.view(address, 65_536).toString('latin1', 10, 14), 'kept');
    libc.unmap(address, 65_536);
  }));

test('filled-in pages count as data, holes do not', () =>
  withFile(1024 * 1024, (descriptor) => {
    const libc = libcOf();
    assert.is(libc.nextHole(descriptor, 0), 0);
    const address = libc.map(descriptor, 0, 1024 * 1024, true);
    const outcome = libc.populate(address, 131_072);
    libc.unmap(address, 1024 * 1024);
    assert.is(outcome, 'filled');
    assert.is(libc.nextHole(descriptor, 0), 131_072);
    assert.is(libc.nextHole(descriptor, 500_000), 500_000);
  }));

test('pages are a power of two', () => {
  const { pageBytes } = libcOf();
  assert.ok([4096, 16_384, 65_536].includes(pageBytes));
});

test('failures carry the code and text of node:fs', () => {
  const libc = libcOf();
  assert.is(
    codeOf(() => libc.map(9999, 0, 4096, true)),
    'EBADF',
  );
  assert.is(
    codeOf(() => libc.allocate(9999, 0, 4096)),
    'EBADF',
  );
  assert.is(
    codeOf(() => libc.unmap(1, 4096)),
    'EINVAL',
  );
  assert.is(
    codeOf(() => libc.close(9999)),
    'EBADF',
  );
  assert.throws(() => libc.duplicate(9999), /^EBADF: bad file descriptor, fcntl$/);
});

test('a duplicate keeps a listening socket open', () =>
  new Promise<void>((resolve, reject) => {
    const first = createServer();
    first.on('error', reject);
    first.listen(0, '127.0.0.1', () => {
      const libc = libcOf();
      const { port } = first.address() as { port: number };
      const handle = (first as unknown as { _handle: { fd: number } })._handle;
      const copy = libc.duplicate(handle.fd);
      first.close(() => {
        const second = createServer();
        second.on('error', reject);
        second.listen({ fd: copy }, () => {
          assert.is((second.address() as { port: number }).port, port);
          second.close(() => resolve());
        });
      });
    });
  }));

test('another platform and a missing binary are reasons, not errors', () => {
  for (const [name, value] of [
    ['platform', 'darwin'],
    ['platform', 'win32'],
    ['arch', 'ia32'],
  ] as const) {
    const result = onPlatform(name, value, () => loadLibc());
    assert.ok('reason' in result && result.reason.includes(value));
  }
  const result = loadLibc(() => {
    throw new Error('Cannot find the native Koffi module; did you bundle it correctly?');
  });
  assert.ok('reason' in result && /koffi cannot be loaded: Cannot find/.test(result.reason));
});

test('a lock belongs to the open file, not to the process', () =>
  withFile(0, (first, path) => {
    const libc = libcOf();
    assert.is(libc.tryLock(first), true);
    const second = openSync(path, 'r+');
    assert.is(libc.tryLock(second), false);
    assert.is(libc.lockHolder(second), undefined, 'such a lock names no process');
    closeSync(second);
    const third = openSync(path, 'r+');
    assert.is(libc.tryLock(third), false, 'closing another descriptor keeps the lock');
    closeSync(third);
  }));

test('a thread offers its core and goes on, where libc can be had', () => {
  const yieldCore = createYieldCore();
  assert.type(yieldCore, 'function');
  yieldCore?.();
  assert.is(
    onPlatform('platform', 'win32', () => createYieldCore()),
    undefined,
  );
});
