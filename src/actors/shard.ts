import {
  assert,
  type Clock,
  errorMessage,
  type Logger,
  type Random,
  type Scheduler,
} from '../base/index.ts';
import type { ActorRef, Child } from './actor.ts';
import { ActorCell } from './cell.ts';
import { CellContext } from './context.ts';
import { factsOf, type ShardFacts, type ThreadFacts } from './facts.ts';
import { Fifo } from './fifo.ts';
import { Lifecycle, type LifecycleHost } from './lifecycle.ts';
import { RESTART_PERIOD_MS, RESTARTS_MAX, TURN_MESSAGES_MAX } from './limits.ts';
import { isReplyId, Replies } from './replies.ts';
import type { SupervisionSpec } from './restart-policy.ts';

/** What a shard is given: everything outside its actors. */
export interface ShardEnvironment {
  /** Name that other shards address it by (default `shard`). */
  readonly name?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** How the shard's root supervises its roots. */
  readonly supervision?: SupervisionSpec;
  /** Root hook: a failure that no supervisor mended. All actors have been ended; the shard is of no more use. */
  readonly onFailed?: (error: unknown) => void;
  readonly threadFacts?: () => ThreadFacts;
}

/** How a shard reaches actors of other shards. */
export interface RemoteDoor {
  resolve<N>(shard: string, id: string): ActorRef<N>;
  /** Calls back once when the actor or its shard is gone; undefined for a ref that is not remote. */
  watch(ref: ActorRef<never>, callback: () => void): (() => void) | undefined;
}

const ROOT_SUPERVISION: SupervisionSpec = {
  strategy: 'oneForOne',
  restartsMax: RESTARTS_MAX,
  periodMs: RESTART_PERIOD_MS,
};

const rootSpec = (supervision: SupervisionSpec): Child<never> => ({
  id: '',
  actorName: 'root',
  supervision,
  restart: 'permanent',
  shutdownMs: 0,
  mailboxMax: 0,
  begin: () => ({ receive: () => undefined }),
});

/**
 * One thread's actors and the loop that runs them. Turns are asked of the scheduler, so under a manual scheduler and
 * clock the same actors run one step at a time.
 *
 * @thread owner
 */
export class Shard {
  readonly name: string;
  readonly #environment: ShardEnvironment;
  readonly #host: LifecycleHost;
  readonly #lifecycle: Lifecycle;
  readonly #replies: Replies;
  readonly #root: ActorCell<never>;
  readonly #ready = new Fifo<ActorCell<never>>();
  #jobs: (() => void)[] = [];
  #isTurnDue = false;
  #isInTurn = false;
  #door: RemoteDoor | undefined;

  constructor(environment: ShardEnvironment) {
    this.name = environment.name ?? 'shard';
    this.#environment = environment;
    this.#host = this.#createHost();
    this.#lifecycle = new Lifecycle(this.#host);
    this.#replies = new Replies(() => {
      this.#host.deadLetters += 1;
    });
    const spec = rootSpec(environment.supervision ?? ROOT_SUPERVISION);
    this.#root = new ActorCell<never>(this.#host, undefined, '', spec);
    this.#lifecycle.begin(this.#root);
  }

  /**
   * Starts a child of the shard's root, such as a supervisor with its tree.
   * @throws {ActorError} START_FAILED, ID_IN_USE, ID_INVALID
   */
  spawnRoot<M>(child: Child<M>): ActorRef<M> {
    return this.#lifecycle.spawn(this.#root, child);
  }

  /**
   * One turn: what supervision has to do, then up to TURN_MESSAGES_MAX queued messages of each actor that has mail.
   * Called by the scheduler whenever there is work; tests may call it themselves.
   * @returns whether there is work left.
   */
  runOnce(): boolean {
    assert(!this.#isInTurn, 'a turn does not run inside a turn');
    this.#isInTurn = true;
    try {
      const jobs = this.#jobs;
      this.#jobs = [];
      for (const job of jobs) job();
      for (let count = this.#ready.length; count > 0; count--) this.#serve(this.#ready.shift());
    } finally {
      this.#isInTurn = false;
    }
    return this.#jobs.length > 0 || this.#ready.length > 0;
  }

  /** Stops all roots in reverse order; `done` is called when the last has stopped. */
  stop(done: () => void): void {
    this.#host.enqueueJob(() => this.#lifecycle.remove(this.#root, 'shutdown', done));
  }

  /** The actor `id` of shard `shard`, whether it runs yet or not. */
  resolve<M>(shard: string, id: string): ActorRef<M> {
    if (shard !== this.name) {
      assert(this.#door !== undefined, `shard ${this.name} knows no other shard`);
      return this.#door.resolve(shard, id);
    }
    const cell = this.#host.cells.get(id);
    return cell ?? new NamedRef(id, this);
  }

  /** Hands a message from outside to an actor, or an answer to who waits for it. */
  deliver(id: string, message: unknown): boolean {
    const target: ActorRef<unknown> | undefined = isReplyId(id)
      ? this.#replies.find(id)?.ref
      : this.#host.cells.get(id);
    if (target !== undefined) return target.tell(message);
    this.#host.deadLetters += 1;
    return false;
  }

  /** `run` of the actor at `id`. */
  runNamed(id: string, message: unknown): boolean {
    const cell: ActorRef<unknown> | undefined = this.#host.cells.get(id);
    return cell?.run(message) ?? false;
  }

  /** Calls back once when the actor behind `ref` is gone for good; returns what takes that back. */
  watch(ref: ActorRef<never>, callback: () => void): () => void {
    if (ref instanceof ActorCell) return ref.onStopped(callback);
    const unwatch = this.#door?.watch(ref, callback);
    if (unwatch !== undefined) return unwatch;
    const cell = this.#host.cells.get(ref.id);
    if (cell !== undefined) return cell.onStopped(callback);
    callback();
    return () => undefined;
  }

  /** Lets actors of this shard talk to other shards. */
  openDoor(door: RemoteDoor): void {
    this.#door = door;
  }

  get replies(): Replies {
    return this.#replies;
  }

  get deadLetters(): number {
    return this.#host.deadLetters;
  }

  /** The live supervision tree, as plain data. */
  inspect(): ShardFacts {
    const thread = this.#environment.threadFacts?.();
    return {
      shard: this.name,
      deadLetters: this.#host.deadLetters,
      asks: this.#replies.size,
      ...(thread === undefined ? {} : { thread }),
      root: factsOf(this.#root),
    };
  }

  #createHost(): LifecycleHost {
    const { clock, random, scheduler, logger } = this.#environment;
    return {
      clock,
      random,
      scheduler,
      logger,
      nesting: 0,
      deadLetters: 0,
      cells: new Map(),
      schedule: (cell) => this.#schedule(cell),
      enqueueJob: (job) => {
        this.#jobs.push(job);
        this.#askForTurn();
      },
      failed: (cell, error) => this.#lifecycle.failed(cell, error),
      createContext: (cell) => this.#createContext(cell),
      onFailed: (error) => this.#onFailed(error),
    };
  }

  #createContext(cell: ActorCell<never>): CellContext<never> {
    const { clock, random, scheduler, logger } = this.#environment;
    return new CellContext<never>(cell, {
      name: this.name,
      clock,
      random,
      scheduler,
      logger,
      lifecycle: this.#lifecycle,
      replies: this.#replies,
      resolve: (shard, id) => this.resolve(shard, id),
      watch: (ref, callback) => this.watch(ref, callback),
    });
  }

  #schedule(cell: ActorCell<never>): void {
    if (cell.isScheduled) return;
    cell.isScheduled = true;
    this.#ready.push(cell);
    this.#askForTurn();
  }

  #serve(cell: ActorCell<never>): void {
    cell.isScheduled = false;
    cell.takeTurn(TURN_MESSAGES_MAX);
    if (cell.hasMail) this.#schedule(cell);
  }

  #askForTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    this.#environment.scheduler.defer(() => {
      this.#isTurnDue = false;
      if (this.runOnce()) this.#askForTurn();
    });
  }

  #onFailed(error: unknown): void {
    this.#environment.logger.error(
      { shard: this.name, err: error },
      `shard failed: ${errorMessage(error)}`,
    );
    this.#environment.onFailed?.(error);
  }
}

/** An address in this shard that is looked up with each message: the actor may start later. */
class NamedRef implements ActorRef<unknown> {
  readonly id: string;
  readonly #shard: Shard;

  constructor(id: string, shard: Shard) {
    this.id = id;
    this.#shard = shard;
  }

  tell(message: unknown): boolean {
    return this.#shard.deliver(this.id, message);
  }

  run(message: unknown): boolean {
    return this.#shard.runNamed(this.id, message);
  }
}
