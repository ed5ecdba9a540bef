import { MessageChannel, type MessagePort, type ResourceLimits, Worker } from 'node:worker_threads';
import type { Pool, Scheduler, Timer } from '../base/index.ts';
import { RemoteControl } from './control.ts';
import type { LinkMemory } from './links.ts';
import { servePool } from './pool.ts';
import type { RootSpec } from './registry.ts';
import type { SupervisionSpec } from './restart-policy.ts';

/** What a shard's thread is started with: plain data, shared memory and one port. */
export interface ThreadSetup {
  readonly name: string;
  /** Module with `createActors`; see `RegistryModule`. */
  readonly registryUrl: string;
  readonly roots: readonly RootSpec[];
  readonly settings: unknown;
  readonly supervision: SupervisionSpec | undefined;
  /** This thread's own doorbell and presence word. */
  readonly doorbell: SharedArrayBuffer;
  readonly presence: SharedArrayBuffer;
  readonly links: readonly LinkMemory[];
}

/** `workerData` of a shard's thread. */
export interface ThreadData extends ThreadSetup {
  readonly control: MessagePort;
  /** Where the system's helper threads are asked. */
  readonly pool: MessagePort | undefined;
}

/** What a thread tells its system, each at most once and in this order. */
export interface ThreadEvents {
  /** The roots run, or did not start: then the thread is of no use and is being ended. */
  onReady(error: Error | undefined): void;
  /** The thread is gone; `error` is what it died of, where it said so. */
  onExit(code: number, error: Error | undefined): void;
}

/** What a thread need not have. */
export interface ThreadExtras {
  readonly resourceLimits?: ResourceLimits | undefined;
  /** Helper threads, which belong to the system: one that dies with its shard may be inside of a foreign function. */
  readonly pool?: Pool | undefined;
}

/** One worker thread that runs one shard. Never restarted: its successor is another object. */
export class ShardThread {
  readonly control: RemoteControl;
  readonly #worker: Worker;
  readonly #scheduler: Scheduler;
  #deadline: Timer | undefined;
  #isStopping = false;

  constructor(
    setup: ThreadSetup,
    scheduler: Scheduler,
    events: ThreadEvents,
    { resourceLimits, pool }: ThreadExtras = {},
  ) {
    const { port1, port2 } = new MessageChannel();
    const helpers = pool === undefined ? undefined : new MessageChannel();
    if (pool !== undefined && helpers !== undefined) servePool(helpers.port1, pool);
    this.#scheduler = scheduler;
    this.control = new RemoteControl(port1);
    this.#worker = new Worker(new URL('./shard.worker.js', import.meta.url), {
      name: setup.name,
      workerData: { ...setup, control: port2, pool: helpers?.port2 } satisfies ThreadData,
      transferList: helpers === undefined ? [port2] : [port2, helpers.port2],
      ...(resourceLimits === undefined ? {} : { resourceLimits }),
    });
    let failure: Error | undefined;
    let isGone = false;
    this.#worker.on('error', (error) => {
      failure ??= error instanceof Error ? error : new Error(String(error));
    });
    this.#worker.once('exit', (code) => {
      isGone = true;
      this.#deadline?.cancel();
      this.control.close();
      helpers?.port1.close();
      events.onExit(code, failure);
    });
    this.control.ready((error) => {
      if (isGone) return;
      failure ??= error;
      if (error !== undefined) this.terminate();
      events.onReady(error);
    });
  }

  get threadId(): number {
    return this.#worker.threadId;
  }

  /** Stops the actors in order; after `shutdownMs` the thread is ended whatever it does. */
  stop(shutdownMs: number): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.control.stop();
    this.#deadline = this.#scheduler.setTimer(shutdownMs, () => this.terminate());
  }

  /** Ends the thread at once. */
  terminate(): void {
    void this.#worker.terminate();
  }
}
