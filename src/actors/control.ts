import type { MessagePort } from 'node:worker_threads';
import { type Endpoint, expose, wrap } from 'comlink';
import type { ShardFacts } from './facts.ts';
import type { LinkMemory } from './links.ts';
import { fromPlainError, type PlainError, toPlainError } from './plain-error.ts';
import type { RootSpec } from './registry.ts';

/** How a start in another thread went; an error crosses as plain data, so that its code survives. */
export type StartOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: PlainError };

/** What a shard's thread lets its system do. Runs in the shard. */
export interface ShardControl {
  /** Answers when the first roots run, or one of them did not start. */
  ready(): Promise<StartOutcome>;
  /** Starts one more root. */
  start(root: RootSpec): StartOutcome;
  connect(link: LinkMemory): void;
  disconnect(shard: string): void;
  inspect(): ShardFacts;
  configure(settings: unknown): StartOutcome;
  /** Stops all actors in order; the thread ends by itself after the answer. */
  stop(): Promise<void>;
}

/** Serves `control` on a port. */
export const exposeControl = (port: MessagePort, control: ShardControl): void =>
  expose(control, port as unknown as Endpoint);

/** The system's end of a shard's control port. Answers come in a later turn, in order; from a dead thread none comes. */
export class RemoteControl {
  readonly #port: MessagePort;
  readonly #remote: ReturnType<typeof wrap<ShardControl>>;

  constructor(port: MessagePort) {
    this.#port = port;
    this.#remote = wrap<ShardControl>(port as unknown as Endpoint);
  }

  ready(done: (error?: Error) => void): void {
    answer(this.#remote.ready().then(toError), done);
  }

  start(root: RootSpec, done: (error?: Error) => void): void {
    answer(this.#remote.start(root).then(toError), done);
  }

  configure(settings: unknown, done: (error?: Error) => void): void {
    answer(this.#remote.configure(settings).then(toError), done);
  }

  connect(link: LinkMemory): void {
    answer(this.#remote.connect(link), ignore);
  }

  disconnect(shard: string): void {
    answer(this.#remote.disconnect(shard), ignore);
  }

  /** `undefined` where the shard cannot say. */
  inspect(done: (facts: ShardFacts | undefined) => void): void {
    answer(
      this.#remote.inspect().catch(() => undefined),
      done,
    );
  }

  stop(): void {
    answer(this.#remote.stop(), ignore);
  }

  close(): void {
    this.#port.close();
  }
}

const ignore = (): void => undefined;

const toError = (outcome: StartOutcome): Error | undefined =>
  outcome.ok ? undefined : fromPlainError(outcome.error);

/** Leaves the promise before `done` runs: what `done` throws is an uncaught error like any other. */
const answer = <T>(promise: Promise<T>, done: (value: T) => void): void => {
  promise.then(
    (value) => setImmediate(done, value),
    (error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
  );
};

/** Functions that another thread may call: one argument and a result of plain data, or a promise of it. */
export type PortApi = Readonly<Record<string, (argument: never) => unknown>>;

type CallOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: PlainError };

interface PortCalls {
  call(name: string, argument: unknown): Promise<CallOutcome>;
}

/** Serves `api` on a port; what it throws reaches the caller with its code and details. */
export const servePort = (port: MessagePort, api: PortApi): void => {
  const calls: PortCalls = {
    async call(name, argument) {
      try {
        return { ok: true, result: await api[name]?.(argument as never) };
      } catch (error) {
        return { ok: false, error: toPlainError(error) };
      }
    },
  };
  expose(calls, port as unknown as Endpoint);
};

/** Calls a function of `A` in another thread. */
export type PortCaller<A extends PortApi> = <N extends keyof A & string>(
  name: N,
  argument: Parameters<A[N]>[0],
) => Promise<Awaited<ReturnType<A[N]>>>;

/** The caller's end of a port that `servePort` serves. From a dead thread no answer comes. */
export const callPort = <A extends PortApi>(port: MessagePort): PortCaller<A> => {
  const remote = wrap<PortCalls>(port as unknown as Endpoint);
  const call = async (name: string, argument: unknown): Promise<unknown> => {
    const outcome = await remote.call(name, argument);
    if (!outcome.ok) throw fromPlainError(outcome.error);
    return outcome.result;
  };
  return call as PortCaller<A>;
};
