import type { MessagePort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { errorMessage, type Pool } from '../base/index.ts';
import { ActorError } from './actor-error.ts';
import { callPort, type PortApi, type PortCaller, servePort } from './control.ts';
import { POOL_CLOSE_MS, POOL_IDLE_MS, POOL_QUEUE_MAX, POOL_THREADS_MAX } from './limits.ts';
import { fromPlainError } from './plain-error.ts';
import type { TaskCall, TaskOutcome } from './pool.worker.ts';

/** What a pool is made of. */
export interface PoolOptions {
  /** Module whose exported functions are the tasks; each takes one argument and returns its result, or a promise. */
  readonly tasksUrl: URL;
  /** Default POOL_THREADS_MAX. */
  readonly threadsMax?: number;
  /** Time after which a helper without work ends (default POOL_IDLE_MS). */
  readonly idleMs?: number;
  /** Tasks that may wait (default POOL_QUEUE_MAX); one more fails. */
  readonly queueMax?: number;
}

/** A task that has no answer yet. */
interface Running {
  readonly done: (error: Error | undefined, result?: unknown) => void;
}

/**
 * Helper threads for stateless work. Nothing is loaded and no thread runs before the first task, and none stays when
 * there is nothing to do.
 */
export function createPool(options: PoolOptions): HelperPool {
  return new LazyPool(options);
}

/** A pool whose helpers are threads. */
export interface HelperPool extends Pool {
  /**
   * Abandons all tasks with an error, and lets helpers finish what they run, for POOL_CLOSE_MS at most: a thread that is
   * ended inside of a foreign function ends the process.
   */
  close(): Promise<void>;
}

class LazyPool implements HelperPool {
  readonly #options: PoolOptions;
  readonly #running = new Set<Running>();
  /** What helpers have been given, also when nobody waits for it any more. */
  readonly #given = new Set<Promise<unknown>>();
  #piscina: Promise<Piscina> | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  run(task: string, argument: unknown, done: Running['done']): void {
    const running = { done };
    this.#running.add(running);
    this.#execute(task, argument).then(
      (result) => this.#settle(running, undefined, result),
      (error: unknown) =>
        this.#settle(running, error instanceof Error ? error : new Error(errorMessage(error))),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const running of this.#running) this.#settle(running, closedError());
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise((resolve) => {
      timer = setTimeout(resolve, POOL_CLOSE_MS);
    });
    await Promise.race([Promise.allSettled(this.#given), limit]);
    clearTimeout(timer);
    await (await this.#piscina)?.destroy();
  }

  async #execute(task: string, argument: unknown): Promise<unknown> {
    if (this.#isClosed) throw closedError();
    this.#piscina ??= this.#load();
    const piscina = await this.#piscina;
    const call: TaskCall = { tasksUrl: this.#options.tasksUrl.href, task, argument };
    const given: Promise<TaskOutcome> = piscina.run(call);
    this.#given.add(given);
    const outcome = await given.finally(() => this.#given.delete(given));
    if (!outcome.ok) throw fromPlainError(outcome.error);
    return outcome.result;
  }

  async #load(): Promise<Piscina> {
    const { Piscina: Helpers } = await import('piscina');
    const { threadsMax, idleMs, queueMax } = this.#options;
    return new Helpers({
      filename: new URL('./pool.entry.cjs', import.meta.url).href,
      name: 'runTask',
      minThreads: 0,
      maxThreads: threadsMax ?? POOL_THREADS_MAX,
      idleTimeout: idleMs ?? POOL_IDLE_MS,
      maxQueue: queueMax ?? POOL_QUEUE_MAX,
      // A helper that blocks between tasks could not run what its task module left behind.
      atomics: 'disabled',
    });
  }

  /** Leaves the promise first: what `done` throws is an uncaught error like any other. */
  #settle(running: Running, error: Error | undefined, result?: unknown): void {
    if (this.#running.delete(running)) setImmediate(() => running.done(error, result));
  }
}

const closedError = (): ActorError => new ActorError('POOL_CLOSED', 'the pool is closed');

/** What `servePool` serves. */
interface PoolCalls extends PortApi {
  run(call: { readonly task: string; readonly argument: unknown }): Promise<unknown>;
}

/** Lets another thread use a pool of this one. */
export const servePool = (port: MessagePort, pool: Pool): void => {
  const calls: PoolCalls = {
    run: ({ task, argument }) =>
      new Promise((resolve, reject) =>
        pool.run(task, argument, (error, result) => (error ? reject(error) : resolve(result))),
      ),
  };
  servePort(port, calls);
};

/** A pool of another thread, whose helpers outlive this thread. */
export class RemotePool implements Pool {
  readonly #call: PortCaller<PoolCalls>;

  constructor(port: MessagePort) {
    this.#call = callPort<PoolCalls>(port);
  }

  run(task: string, argument: unknown, done: Running['done']): void {
    this.#call('run', { task, argument }).then(
      (result) => setImmediate(done, undefined, result),
      (error: Error) => setImmediate(done, error),
    );
  }
}
