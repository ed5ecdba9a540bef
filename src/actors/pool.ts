import type { Piscina } from 'piscina';
import { errorMessage, type Pool } from '../base/index.ts';
import { ActorError } from './actor-error.ts';
import { POOL_IDLE_MS, POOL_QUEUE_MAX, POOL_THREADS_MAX } from './limits.ts';
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
export function createPool(options: PoolOptions): Pool {
  return new LazyPool(options);
}

class LazyPool implements Pool {
  readonly #options: PoolOptions;
  readonly #running = new Set<Running>();
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

  close(): void {
    this.#isClosed = true;
    for (const running of this.#running) this.#settle(running, closedError());
    void this.#piscina?.then((piscina) => piscina.destroy());
  }

  async #execute(task: string, argument: unknown): Promise<unknown> {
    if (this.#isClosed) throw closedError();
    this.#piscina ??= this.#load();
    const piscina = await this.#piscina;
    const call: TaskCall = { tasksUrl: this.#options.tasksUrl.href, task, argument };
    const outcome = (await piscina.run(call)) as TaskOutcome;
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
