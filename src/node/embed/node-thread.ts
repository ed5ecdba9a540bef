import { MessageChannel, Worker } from 'node:worker_threads';
import { callPort, fromPlainError, type PlainError, type PortCaller } from '../../actors/index.ts';
import { errorMessage } from '../../base/index.ts';
import { NodeError } from '../node-error.ts';
import type { NodeWorkerData } from './node.worker.ts';
import type { NodeApi } from './node-api.ts';
import { crossedFailure, nodeFailure } from './node-failure.ts';
import type { NodeEvents } from './node-options.ts';

/** A node may have to flush the last segments of its stores; after this time its thread is ended whatever it does. */
const CLOSE_MS = 90_000;

/** What a node's thread tells. */
export interface NodeThreadEvents {
  readonly onEvent: <E extends keyof NodeEvents>(event: E, facts: NodeEvents[E]) => void;
  /** The node cannot go on, or its thread ended though nobody asked for it. */
  readonly onDied: (error: NodeError) => void;
}

interface EventMessage {
  readonly event: keyof NodeEvents;
  readonly facts: never;
}

/** The thread of an embedded node's root, as the application's thread sees it. */
export class NodeThread {
  readonly #worker: Worker;
  readonly #call: PortCaller<NodeApi>;
  /** Resolves when the thread is gone. */
  readonly #gone: Promise<void>;
  /** Told when the thread is gone: their answers will not come. */
  readonly #waiting = new Set<(error: NodeError) => void>();
  #ended: NodeError | undefined;
  #isClosing = false;
  /** The thread has ended by itself, and not by a failure. */
  #isOrderly = false;
  #failure: unknown;

  constructor(data: Omit<NodeWorkerData, 'control'>, events: NodeThreadEvents) {
    const { port1, port2 } = new MessageChannel();
    this.#call = callPort<NodeApi>(port1);
    this.#worker = new Worker(new URL('./node.worker.js', import.meta.url), {
      name: 'saturnmq',
      workerData: { ...data, control: port2 } satisfies NodeWorkerData,
      transferList: [port2],
      // What the application was started with, such as loaders, is nothing to the node's threads.
      execArgv: [],
    });
    this.#worker.on('message', ({ event, facts }: EventMessage) => {
      if (event === 'fatal') events.onDied(fatalOf(facts[0] as PlainError));
      else events.onEvent(event, facts);
    });
    this.#worker.on('error', (error) => {
      this.#failure ??= error;
    });
    this.#gone = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        port1.close();
        this.#isOrderly = code === 0;
        const error = this.#endedError(code);
        this.#ended = error;
        for (const onEnded of this.#waiting) onEnded(error);
        resolve();
        // The last: what it calls may throw.
        if (!this.#isClosing) events.onDied(error);
      });
    });
  }

  /**
   * Calls the node's thread.
   * @throws {NodeError} what it failed with; NODE_FAILED or OUT_OF_MEMORY when the thread ended instead
   */
  call<N extends keyof NodeApi>(
    name: N,
    argument: Parameters<NodeApi[N]>[0],
  ): Promise<Awaited<ReturnType<NodeApi[N]>>> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#waiting.add(reject);
      this.#call(name, argument)
        .then(resolve, (error: unknown) => reject(crossedFailure(error)))
        .finally(() => this.#waiting.delete(reject));
    });
  }

  /** Closes the node and waits until its thread, and with it all threads it started, are gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const wasOver = this.#ended !== undefined;
    const limit = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
    try {
      await this.call('close', undefined);
    } catch (error) {
      void this.#worker.terminate();
      // That it had died was told; that it did not close in order is news. Its end may overtake its answer.
      await this.#gone;
      if (!wasOver && !this.#isOrderly) throw error;
    } finally {
      await this.#gone;
      clearTimeout(limit);
    }
  }

  /** Ends the thread at once. */
  async terminate(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
    await this.#gone;
  }

  #endedError(code: number): NodeError {
    const reason = this.#failure === undefined ? `exit code ${code}` : errorMessage(this.#failure);
    if (this.#failure !== undefined) {
      const known = nodeFailure(this.#failure);
      if (known.code === 'OUT_OF_MEMORY') return known;
    }
    const remedy = 'close it and start another; its store is recovered';
    return new NodeError(
      'NODE_FAILED',
      `the node's thread ended (${reason}); ${remedy}`,
      { code },
      this.#failure,
    );
  }
}

const fatalOf = (error: PlainError): NodeError => crossedFailure(fromPlainError(error));
