import { equal, is, ok } from 'uvu/assert';
import type {
  Network,
  NetworkListener,
  Socket,
  SocketAddress,
  SocketHandler,
} from '../../src/base/index.ts';
import type { Suite } from '../support/suite.ts';

/** A network under test and how its time passes. */
export interface NetworkUnderTest {
  readonly network: Network;
  /** Lets the network work until `isDone`. */
  until(isDone: () => boolean): Promise<void>;
}

/** A socket handler that keeps what it is told. */
export class Recorder implements SocketHandler {
  readonly chunks: Buffer[] = [];
  drains = 0;
  closes = 0;
  error: Error | undefined;
  bytes = 0;

  onData(chunk: Buffer): void {
    this.chunks.push(Buffer.from(chunk));
    this.bytes += chunk.length;
  }

  onDrain(): void {
    this.drains += 1;
  }

  onClose(error?: Error): void {
    this.closes += 1;
    this.error = error;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

interface Pair {
  readonly listener: NetworkListener;
  readonly address: SocketAddress;
  readonly near: Socket;
  readonly far: Socket;
  readonly nearSide: Recorder;
  readonly farSide: Recorder;
}

const pair = async ({ network, until }: NetworkUnderTest): Promise<Pair> => {
  const nearSide = new Recorder();
  const farSide = new Recorder();
  let near: Socket | undefined;
  let far: Socket | undefined;
  let address: SocketAddress | undefined;
  const listener = network.listen(
    { host: '127.0.0.1', port: 0 },
    (socket) => {
      socket.start(farSide);
      far = socket;
    },
    (error, bound) => {
      is(error, undefined);
      address = bound;
    },
  );
  await until(() => address !== undefined);
  ok(address);
  network.connect({ ...address, timeoutMs: 1000 }, (error, socket) => {
    is(error, undefined);
    socket?.start(nearSide);
    near = socket;
  });
  await until(() => near !== undefined && far !== undefined);
  ok(near && far);
  return { listener, address, near, far, nearSide, farSide };
};

/** What every Network must do, whatever it is made of. */
export const networkCases = (test: Suite, create: () => NetworkUnderTest): void => {
  test('bytes arrive in order in both directions and the addresses mirror each other', async () => {
    const under = create();
    const { listener, near, far, nearSide, farSide } = await pair(under);
    equal(near.local, far.remote);
    is(near.remote.port, far.local.port);
    let sent = '';
    for (let index = 0; index < 200; index++) {
      const text = `${index},`;
      sent += text;
      near.write(Buffer.from(text));
      if (index % 3 === 0) far.write(Buffer.from(text));
    }
    await under.until(() => farSide.bytes === sent.length);
    is(farSide.text, sent);
    await under.until(() => nearSide.text.endsWith('198,'));
    near.destroy();
    await under.until(() => nearSide.closes === 1 && farSide.closes === 1);
    listener.close();
  });

  test('a write that was taken may be overwritten, one that was not arrives unharmed after the drain', async () => {
    const under = create();
    const { listener, near, far, nearSide, farSide } = await pair(under);
    far.pause();
    const block = Buffer.alloc(64 * 1024);
    let wroteBytes = 0;
    let isTaken = true;
    for (let fill = 1; isTaken && wroteBytes < 64 * 1024 * 1024; fill++) {
      const bytes = Buffer.from(block.fill(fill % 251));
      isTaken = near.write(bytes);
      wroteBytes += bytes.length;
      if (isTaken) bytes.fill(0xee);
    }
    is(isTaken, false, 'a paused reader stops the writer');
    ok(near.pendingBytes > 0);
    is(nearSide.drains, 0);
    far.resume();
    await under.until(() => farSide.bytes === wroteBytes);
    await under.until(() => nearSide.drains === 1);
    is(near.pendingBytes, 0);
    const all = Buffer.concat(farSide.chunks);
    for (let at = 0; at < all.length; at += block.length) {
      const fill = (at / block.length + 1) % 251;
      is(all[at], fill, 'first byte of a block');
      is(all[at + block.length - 1], fill, 'last byte of a block');
    }
    near.destroy();
    await under.until(() => farSide.closes === 1);
    listener.close();
  });

  test('end sends what was written and then closes both sides without an error', async () => {
    const under = create();
    const { listener, near, nearSide, farSide } = await pair(under);
    const bytes = Buffer.alloc(3 * 1024 * 1024, 7);
    near.write(bytes);
    near.end();
    await under.until(() => nearSide.closes === 1 && farSide.closes === 1);
    is(farSide.bytes, bytes.length);
    is(nearSide.error, undefined);
    is(farSide.error, undefined);
    listener.close();
  });

  test('a paused socket gets nothing until it is resumed', async () => {
    const under = create();
    const { listener, near, far, nearSide, farSide } = await pair(under);
    near.pause();
    far.write(Buffer.from('early'));
    near.write(Buffer.from('mark'));
    await under.until(() => farSide.text === 'mark');
    is(nearSide.bytes, 0);
    near.resume();
    await under.until(() => nearSide.text === 'early');
    near.destroy();
    await under.until(() => farSide.closes === 1);
    listener.close();
  });

  test('nobody listening: the error comes once, in a later turn', async () => {
    const under = create();
    const { listener, address, near, farSide } = await pair(under);
    near.destroy();
    await under.until(() => farSide.closes === 1);
    let isClosed = false;
    listener.close(() => {
      isClosed = true;
    });
    await under.until(() => isClosed);
    const errors: (Error | undefined)[] = [];
    under.network.connect({ ...address, timeoutMs: 1000 }, (error) => errors.push(error));
    is(errors.length, 0);
    await under.until(() => errors.length > 0);
    is((errors[0] as NodeJS.ErrnoException).code, 'ECONNREFUSED');
    is(errors.length, 1);
  });

  test('a taken address is an error that names its code', async () => {
    const under = create();
    const { listener, address, near, farSide } = await pair(under);
    let failure: Error | undefined;
    under.network.listen(
      address,
      () => undefined,
      (error) => {
        failure = error;
      },
    );
    await under.until(() => failure !== undefined);
    is((failure as NodeJS.ErrnoException).code, 'EADDRINUSE');
    near.destroy();
    await under.until(() => farSide.closes === 1);
    listener.close();
  });

  test('a reset is a failure to the other end, where there are resets', async () => {
    const under = create();
    const { listener, near, far, nearSide } = await pair(under);
    if (far.reset === undefined) far.destroy();
    else far.reset();
    await under.until(() => nearSide.closes === 1);
    is((nearSide.error as NodeJS.ErrnoException | undefined)?.code, far.reset && 'ECONNRESET');
    near.destroy();
    listener.close();
  });

  test('closing the listener leaves open sockets alone', async () => {
    const under = create();
    const { listener, near, far, farSide } = await pair(under);
    let isClosed = false;
    listener.close(() => {
      isClosed = true;
    });
    await under.until(() => isClosed);
    near.write(Buffer.from('still here'));
    await under.until(() => farSide.text === 'still here');
    far.destroy();
    await under.until(() => farSide.closes === 1);
  });
};
