import {
  assert,
  type Clock,
  errorMessage,
  type Logger,
  type Random,
  type Scheduler,
  systemClock,
  systemRandom,
  systemScheduler,
} from '../base/index.ts';
import type { ActorRef } from './actor.ts';
import { ActorError } from './actor-error.ts';
import type { ShardFacts } from './facts.ts';
import { inSequence } from './in-sequence.ts';
import { INSPECT_MS, LINK_RING_BYTES, SHARDS_MAX } from './limits.ts';
import { Links, Presence } from './links.ts';
import { Mesh, threadMemory } from './mesh.ts';
import { createPool, type HelperPool } from './pool.ts';
import type { RootSpec } from './registry.ts';
import type { EndReason, SupervisionSpec } from './restart-policy.ts';
import { Shard } from './shard.ts';
import { type ShardExit, ShardSlot, type ShardSpec, type ShardState } from './shard-slot.ts';
import { Supervision } from './supervision.ts';

/** What a system is made of. */
export interface ActorSystemOptions {
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly scheduler?: Scheduler;
  /** How dead threads are treated (default: oneForOne, 5 restarts in 60 s, back-off from 10 ms to 5 s). */
  readonly supervision?: SupervisionSpec;
  /** Data bytes of each ring, a power of two (default LINK_RING_BYTES). */
  readonly ringBytes?: number;
  /** Module of the tasks that helper threads run for all shards; without it there are none. */
  readonly tasksUrl?: URL;
  /**
   * A thread is gone. Runs before its replacement starts, and after an ordered stop too: the place to unmap what it had
   * mapped. A throw is fatal.
   */
  readonly onShardExit?: (exit: ShardExit) => void;
  /** A thread serves; `attempt` 0 is the shard's first. */
  readonly onShardReady?: (name: string, attempt: number) => void;
  /** Threads die faster than the supervision allows, or a hook failed: called once, nothing is restarted any more. */
  readonly onFatal: (error: Error) => void;
}

/** One shard of a system, as plain data. */
export interface ShardSlotFacts {
  readonly name: string;
  readonly state: ShardState;
  readonly threadId: number | undefined;
  /** Threads that were replaced. */
  readonly restarts: number;
  readonly lastExit: { readonly code: number; readonly message: string | undefined } | undefined;
  /** Missing while the shard does not answer. */
  readonly tree: ShardFacts | undefined;
}

/** The live supervision tree of a system, as plain data. */
export interface SystemFacts {
  /** Actors of the system's own thread. */
  readonly root: ShardFacts;
  readonly shards: readonly ShardSlotFacts[];
}

/** Name of the system's own thread among the shards. */
export const ROOT_SHARD = 'root';

const SUPERVISION_DEFAULT: SupervisionSpec = {
  strategy: 'oneForOne',
  restartsMax: 5,
  periodMs: 60_000,
  backoff: { firstMs: 10, maxMs: 5_000 },
};

/**
 * The root of supervision: starts shards as worker threads, connects each pair of them by rings, replaces those that
 * die. Its own thread takes part as the shard ROOT_SHARD.
 *
 * @thread owner
 */
export class ActorSystem {
  /** The shard of this thread. */
  readonly shard: Shard;
  readonly #options: ActorSystemOptions;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  readonly #mesh: Mesh;
  readonly #links: Links;
  readonly #slots = new Map<string, ShardSlot>();
  readonly #supervision: Supervision<ShardSlot>;
  readonly #pool: HelperPool | undefined;
  #isOver = false;

  constructor(options: ActorSystemOptions) {
    const clock = options.clock ?? systemClock;
    const random = options.random ?? systemRandom;
    const scheduler = options.scheduler ?? systemScheduler;
    const { logger, tasksUrl } = options;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#logger = logger;
    this.#pool = tasksUrl === undefined ? undefined : createPool({ tasksUrl });
    this.#mesh = new Mesh(options.ringBytes ?? LINK_RING_BYTES);
    const environment = { name: ROOT_SHARD, clock, random, scheduler, logger };
    this.shard = new Shard({ ...environment, onFailed: (error) => this.#fail(error) });
    const memory = threadMemory();
    const { shard } = this;
    this.#links = new Links({ ...environment, shard, doorbell: memory.doorbell, keepAlive: false });
    this.#supervision = this.#createSupervision(options.supervision ?? SUPERVISION_DEFAULT, {
      clock,
      random,
      scheduler,
    });
    this.#mesh.add({
      name: ROOT_SHARD,
      ...memory,
      connect: (link) => this.#links.connect(link),
      disconnect: (name) => this.#links.disconnect(name),
    });
    new Presence(memory.presence).set(true);
    this.#links.open();
  }

  /**
   * Starts a shard and resolves when its roots run.
   * @throws {ActorError} ID_IN_USE, LIMIT_REACHED; or what the start failed with: it is not tried again.
   */
  async startShard(spec: ShardSpec): Promise<void> {
    this.#assertRoom(spec.name);
    const slot = new ShardSlot(spec, {
      mesh: this.#mesh,
      scheduler: this.#scheduler,
      logger: this.#logger,
      pool: this.#pool,
      onExit: (exit) => this.#onExit(exit),
      onDied: (died, code, error) => this.#onDied(died, code === 0 ? 'normal' : 'failure', error),
    });
    this.#slots.set(spec.name, slot);
    try {
      await promised((done) => slot.start(done));
    } catch (error) {
      this.#slots.delete(spec.name);
      throw error;
    }
    this.#options.onShardReady?.(spec.name, 0);
  }

  /** Stops a shard in order and forgets it. */
  stopShard(name: string): Promise<void> {
    const slot = this.#slot(name);
    return promised((done) => this.#remove(slot, done));
  }

  /** Starts one more root in a running shard; the shard's replacements start it too. */
  startRoot(shard: string, root: RootSpec): Promise<void> {
    return promised((done) => this.#slot(shard).startRoot(root, done));
  }

  /** Starts one more root in a shard, whether it runs or is being replaced, and in its replacements. */
  keepRoot(shard: string, root: RootSpec): Promise<void> {
    return new Promise((resolve) => this.#slot(shard).keepRoot(root, resolve));
  }

  /** Replacements of the shard's thread start without the root; one that runs is told by a message. */
  forgetRoot(shard: string, id: string): void {
    this.#slots.get(shard)?.forgetRoot(id);
  }

  /** Hands new settings to `configure` of the shard's registry module. */
  configure(shard: string, settings: unknown): Promise<void> {
    return promised((done) => this.#slot(shard).configure(settings, done));
  }

  /** Ends a shard's thread at once, as a crash would: it is replaced. */
  terminateShard(name: string): void {
    this.#slot(name).terminate();
  }

  /** Whether a shard's thread serves. */
  isRunning(name: string): boolean {
    return this.#slots.get(name)?.state === 'running';
  }

  /** The address of an actor in any shard, whether it runs yet or not. */
  ref<M>(shard: string, id: string): ActorRef<M> {
    return this.shard.resolve(shard, id);
  }

  /** The live tree of all shards; one that does not answer in INSPECT_MS is shown without its actors. */
  async inspect(): Promise<SystemFacts> {
    const slots = [...this.#slots.values()];
    const trees = await Promise.all(slots.map((slot) => this.#inspectSlot(slot)));
    const shards = slots.map((slot, index): ShardSlotFacts => {
      const { name, state, threadId, restarts, lastExit } = slot;
      const exit = lastExit && { code: lastExit.code, message: lastExit.error?.message };
      return { name, state, threadId, restarts, lastExit: exit, tree: trees[index] };
    });
    return { root: this.shard.inspect(), shards };
  }

  /** Stops all shards in reverse order of their start, and then the actors of this thread. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#supervision.cancel();
    await promised((done) =>
      inSequence(
        [...this.#slots.values()].reverse(),
        (slot, next) => this.#remove(slot, next),
        done,
      ),
    );
    await promised((done) => this.shard.stop(done));
    await this.#pool?.close();
    this.#links.close();
  }

  #createSupervision(
    spec: SupervisionSpec,
    environment: { clock: Clock; random: Random; scheduler: Scheduler },
  ): Supervision<ShardSlot> {
    return new Supervision<ShardSlot>(
      spec,
      {
        members: () => [...this.#slots.values()],
        rule: (slot) => slot.spec.restart ?? 'permanent',
        end: (slot, _, done) => slot.end(done),
        start: (slot, done) => this.#restart(slot, done),
        remove: (slot, _, done) => this.#remove(slot, done),
        exceeded: (error) => this.#fail(error),
      },
      environment,
    );
  }

  #restart(slot: ShardSlot, done: () => void): void {
    slot.restarts += 1;
    const attempt = slot.restarts;
    try {
      slot.start((error) => {
        if (error !== undefined) {
          this.#onDied(slot, 'failure', error);
          return;
        }
        this.#logger.info({ shard: slot.name, attempt }, 'shard serves again');
        this.#options.onShardReady?.(slot.name, attempt);
        done();
      });
    } catch (error) {
      // `roots` is the composition root's code: where it cannot say what to start, nobody can.
      this.#fail(error);
    }
  }

  #remove(slot: ShardSlot, done: () => void): void {
    this.#supervision.forget(slot);
    slot.end(() => {
      this.#slots.delete(slot.name);
      done();
    });
  }

  #onExit(exit: ShardExit): void {
    const { name, code, attempt, error } = exit;
    const facts = { shard: name, code, attempt, err: error };
    if (exit.isOrdered) this.#logger.info({ shard: name, code, attempt }, 'shard stopped');
    else this.#logger.error(facts, `shard ${name} died: ${error?.message ?? `exit code ${code}`}`);
    try {
      this.#options.onShardExit?.(exit);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #onDied(slot: ShardSlot, reason: EndReason, error: Error): void {
    if (!this.#isOver) this.#supervision.ended(slot, reason, error);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#supervision.cancel();
    this.#options.onFatal(error instanceof Error ? error : new Error(errorMessage(error)));
  }

  #inspectSlot(slot: ShardSlot): Promise<ShardFacts | undefined> {
    return new Promise((resolve) => {
      const deadline = this.#scheduler.setTimer(INSPECT_MS, () => resolve(undefined), false);
      slot.inspect((facts) => {
        deadline.cancel();
        resolve(facts);
      });
    });
  }

  #slot(name: string): ShardSlot {
    const slot = this.#slots.get(name);
    assert(slot !== undefined, `there is no shard ${name}`);
    return slot;
  }

  #assertRoom(name: string): void {
    assert(!this.#isOver, 'a system that is over starts nothing');
    if (name === ROOT_SHARD || this.#slots.has(name)) {
      throw new ActorError('ID_IN_USE', `there is a shard ${name} already`, { shard: name });
    }
    if (this.#slots.size >= SHARDS_MAX) {
      throw new ActorError('LIMIT_REACHED', `a system has at most ${SHARDS_MAX} shards`, {
        max: SHARDS_MAX,
      });
    }
  }
}

const promised = (start: (done: (error?: Error) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => (error === undefined ? resolve() : reject(error)));
  });
