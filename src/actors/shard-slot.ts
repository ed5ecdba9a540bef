import type { ResourceLimits } from 'node:worker_threads';
import type { Logger, Pool, Scheduler } from '../base/index.ts';
import { ActorError } from './actor-error.ts';
import type { ShardFacts } from './facts.ts';
import { SHARD_SHUTDOWN_MS } from './limits.ts';
import { type Mesh, threadMemory } from './mesh.ts';
import type { RootSpec } from './registry.ts';
import type { RestartRule, SupervisionSpec } from './restart-policy.ts';
import { ShardThread } from './shard-thread.ts';

/** A shard that an `ActorSystem` keeps running. */
export interface ShardSpec {
  /** Name that other shards address it by. */
  readonly name: string;
  /** Module with `createActors`; see `RegistryModule`. */
  readonly registryUrl: URL;
  /** Roots to start, in order; a function is asked before each start (`attempt` 0 is the first). */
  readonly roots: readonly RootSpec[] | ((attempt: number) => readonly RootSpec[]);
  /** Plain data for the registry module. */
  readonly settings?: unknown;
  /** How the shard's root supervises its roots. */
  readonly supervision?: SupervisionSpec;
  /** Default `permanent`. For a thread, `process.exit(0)` inside it is a normal end, everything else a failure. */
  readonly restart?: RestartRule;
  /** Time for an orderly stop of all its actors (default SHARD_SHUTDOWN_MS). */
  readonly shutdownMs?: number;
  readonly resourceLimits?: ResourceLimits;
}

/** What is visible of a shard from outside: `restarting` until its replacement serves. */
export type ShardState = 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped';

/** How a thread ended. */
export interface ShardExit {
  readonly name: string;
  readonly code: number;
  /** What it died of, where it said so. */
  readonly error: Error | undefined;
  /** How many threads this shard has had before. */
  readonly attempt: number;
  /** True for a stop that was ordered. */
  readonly isOrdered: boolean;
}

/** What a slot needs of its system. */
export interface SlotHost {
  readonly mesh: Mesh;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Helper threads for every shard. */
  readonly pool: Pool | undefined;
  /** The thread is gone, and nothing of it is connected any more; the slot decides nothing before this returned. */
  onExit(exit: ShardExit): void;
  /** The thread ended though nobody ordered it, after it had been ready. */
  onDied(slot: ShardSlot, code: number, error: Error): void;
}

/** The place of one shard in the system; outlives its threads. */
export class ShardSlot {
  readonly spec: ShardSpec;
  readonly #host: SlotHost;
  readonly #extraRoots: RootSpec[] = [];
  state: ShardState = 'stopped';
  restarts = 0;
  lastExit: ShardExit | undefined;
  /** Told when the thread is gone: their root starts with the next one. */
  readonly #onGone = new Set<() => void>();
  /** How many of `#extraRoots` the thread was started with. */
  #rootsGiven = 0;
  #attempt = 0;
  #thread: ShardThread | undefined;
  #onStarted: ((error?: Error) => void) | undefined;
  #onEnded: (() => void)[] | undefined;

  constructor(spec: ShardSpec, host: SlotHost) {
    this.spec = spec;
    this.#host = host;
  }

  get name(): string {
    return this.spec.name;
  }

  get threadId(): number | undefined {
    return this.#thread?.threadId;
  }

  /** Starts a thread; `done` is called once when its roots run or it has failed and is gone. */
  start(done: (error?: Error) => void): void {
    this.state = this.#attempt === 0 ? 'starting' : 'restarting';
    this.#onStarted = done;
    const roots = this.#roots();
    const memory = threadMemory();
    const links = this.#host.mesh.add({
      name: this.name,
      ...memory,
      connect: (link) => this.#thread?.control.connect(link),
      disconnect: (shard) => this.#thread?.control.disconnect(shard),
    });
    const { registryUrl, settings, supervision, resourceLimits } = this.spec;
    const setup = { name: this.name, registryUrl: registryUrl.href, roots, settings };
    this.#thread = new ShardThread(
      { ...setup, supervision, ...memory, links },
      this.#host.scheduler,
      {
        onReady: (error) => this.#onReady(error),
        onExit: (code, error) => this.#onExit(code, error),
      },
      { resourceLimits, pool: this.#host.pool },
    );
    this.#attempt += 1;
  }

  /** Stops the thread in order; `done` is called when it is gone, at once where there is none. */
  end(done: () => void): void {
    if (this.#thread === undefined) {
      done();
      return;
    }
    this.state = 'stopping';
    this.#onEnded ??= [];
    this.#onEnded.push(done);
    this.#thread.stop(this.spec.shutdownMs ?? SHARD_SHUTDOWN_MS);
  }

  /** Ends the thread at once, as a crash would. */
  terminate(): void {
    this.#thread?.terminate();
  }

  /** Starts one more root, now and in every thread to come. */
  startRoot(root: RootSpec, done: (error?: Error) => void): void {
    this.#withThread(done)?.control.start(root, (error) => {
      if (error === undefined) this.#extraRoots.push(root);
      done(error);
    });
  }

  /**
   * Adds a root to every thread to come, and to the present one, which may be about to end: `done` says that it has dealt
   * with it, or is gone.
   */
  keepRoot(root: RootSpec, done: () => void): void {
    this.#extraRoots.push(root);
    // A thread that is starting is given it when it is ready.
    if (this.#thread === undefined || this.state !== 'running') done();
    else this.#startKept(root, this.#thread, done);
  }

  /** Threads to come do without the root; the present one is not told. */
  forgetRoot(id: string): void {
    const at = this.#extraRoots.findIndex((root) => root.id === id);
    if (at < 0) return;
    this.#extraRoots.splice(at, 1);
    if (at < this.#rootsGiven) this.#rootsGiven -= 1;
  }

  configure(settings: unknown, done: (error?: Error) => void): void {
    this.#withThread(done)?.control.configure(settings, done);
  }

  inspect(done: (facts: ShardFacts | undefined) => void): void {
    if (this.state === 'running' && this.#thread !== undefined) this.#thread.control.inspect(done);
    else done(undefined);
  }

  #roots(): readonly RootSpec[] {
    const { roots } = this.spec;
    const own = typeof roots === 'function' ? roots(this.#attempt) : roots;
    this.#rootsGiven = this.#extraRoots.length;
    return [...own, ...this.#extraRoots];
  }

  #startKept(root: RootSpec, thread: ShardThread, done: () => void): void {
    this.#rootsGiven = this.#extraRoots.length;
    this.#onGone.add(done);
    thread.control.start(root, (error) => {
      if (!this.#onGone.delete(done)) return;
      if (error !== undefined) {
        const facts = { shard: this.name, root: root.id, reason: error.message };
        this.#host.logger.warn(facts, 'a root that was added later did not start');
      }
      done();
    });
  }

  #withThread(done: (error: Error) => void): ShardThread | undefined {
    if (this.#thread === undefined || this.state !== 'running') {
      done(this.#endedError('does not run'));
      return undefined;
    }
    return this.#thread;
  }

  #onReady(error: Error | undefined): void {
    // After a failure the exit follows, and tells.
    if (error !== undefined || this.#onEnded !== undefined) return;
    this.state = 'running';
    const late = this.#extraRoots.slice(this.#rootsGiven);
    if (this.#thread !== undefined)
      for (const root of late) this.#startKept(root, this.#thread, () => undefined);
    const onStarted = this.#onStarted;
    this.#onStarted = undefined;
    onStarted?.();
  }

  #onExit(code: number, error: Error | undefined): void {
    this.#thread = undefined;
    this.#host.mesh.remove(this.name);
    const gone = [...this.#onGone];
    this.#onGone.clear();
    for (const done of gone) done();
    const onEnded = this.#onEnded;
    const onStarted = this.#onStarted;
    this.#onEnded = undefined;
    this.#onStarted = undefined;
    const isOrdered = onEnded !== undefined;
    this.state = isOrdered ? 'stopped' : 'restarting';
    const exit = { name: this.name, code, error, attempt: this.#attempt - 1, isOrdered };
    this.lastExit = exit;
    this.#host.onExit(exit);
    const cause = error ?? this.#endedError(`ended with code ${code}`);
    if (onEnded !== undefined) {
      // Who waits for the very first start must learn that it was stopped; a restart is its supervisor's own.
      if (exit.attempt === 0) onStarted?.(cause);
      for (const done of onEnded) done();
      return;
    }
    if (onStarted !== undefined) onStarted(cause);
    else this.#host.onDied(this, code, cause);
  }

  #endedError(what: string): ActorError {
    return new ActorError('THREAD_ENDED', `shard ${this.name} ${what}`, { shard: this.name });
  }
}
