import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { ClientNode, OpenChannel } from '../../client/index.ts';
import { type ChannelLog, LogReceiver, type NodeLogger } from '../log-channel.ts';
import { type LogOptions, readLogOptions } from '../logging.ts';
import { NodeError } from '../node-error.ts';
import { checkOptions } from './check-options.ts';
import { type ConnectedNode, connectNode } from './connect-node.ts';
import { readMemoryRoom, requireMemory } from './memory-room.ts';
import type { StartedFacts } from './node-api.ts';
import type { NodeHandle } from './node-handle.ts';
import type { NodeEvents, NodeOptions, PlainNodeOptions } from './node-options.ts';
import { NodeThread } from './node-thread.ts';

/** A broker, and the name server it is registered with, inside this process. */
export interface SaturnNode extends ClientNode, AsyncDisposable {
  /** Name servers of the node, for clients: `host:port`, several separated by `;`. */
  readonly namesrvAddr: string;
  /** `host:port` of each broker. */
  readonly brokerAddrs: readonly string[];
  /**
   * What another thread of this process connects with: send it there, and call `connectNode` with it.
   * @throws {NodeError} HANDLES_EXCEEDED, NODE_CLOSED
   */
  handle(): Promise<NodeHandle>;
  /**
   * Takes back the handle of a thread that has exited without closing what it connected. Call it after the thread's `exit`
   * event, never before: it unmaps what the thread reads. Again, or with another node's handle, it does nothing.
   */
  release(handle: NodeHandle): Promise<void>;
  /** The supervision tree, as plain data. */
  inspect(): Promise<unknown>;
  /** Stops accepting, drains, flushes and leaves clean stores. Any number of calls end together. */
  close(): Promise<void>;
  on<E extends keyof NodeEvents>(event: E, listener: (...facts: NodeEvents[E]) => void): this;
  once<E extends keyof NodeEvents>(event: E, listener: (...facts: NodeEvents[E]) => void): this;
  off<E extends keyof NodeEvents>(event: E, listener: (...facts: NodeEvents[E]) => void): this;
}

const levelOf = (options: NodeOptions, logger: NodeLogger): ChannelLog['level'] => {
  const own: unknown = Reflect.get(logger, 'level');
  const level = options.logLevel ?? own;
  if (level === 'trace') return 'debug';
  return level === 'debug' || level === 'warn' || level === 'error' ? level : 'info';
};

/** The node's own, one for each broker, those that accept for it, and one for the name server. */
const threadsOf = (options: PlainNodeOptions): number => {
  const { broker, shards = 1, ioShards = 0, listen, namesrv = true } = options;
  const ofBroker = 1 + (listen === false ? 0 : ioShards);
  return 1 + (broker === false ? 0 : shards * ofBroker) + (namesrv === true ? 1 : 0);
};

interface NodeLog {
  readonly options: LogOptions;
  close(): void;
}

const openLog = (options: NodeOptions): NodeLog => {
  const { logger, logLevel } = options;
  if (logger === undefined || logger === false) {
    const level = logger === false ? 'silent' : (logLevel ?? 'warn');
    return { options: { ...readLogOptions(2), level }, close: () => undefined };
  }
  return new LogReceiver(`saturnmq-${randomUUID()}`, levelOf(options, logger), logger);
};

/**
 * Starts a node inside this process, on threads of its own.
 * @throws {NodeError} OPTION_INVALID, NAMESRV_ADDRESS_INVALID, CONFIG_INVALID, STORE_IN_USE, PORT_TAKEN, BAD_FOLDER, DISK_FULL,
 * OUT_OF_MEMORY, SHARDS_LOWERED …; each message names the remedy
 */
export const startNode = async (options: NodeOptions): Promise<SaturnNode> => {
  const { logger, logLevel, ...plain } = checkOptions(options);
  requireMemory(threadsOf(plain), readMemoryRoom());
  return EmbeddedNode.start(plain, openLog(options));
};

class EmbeddedNode implements SaturnNode {
  readonly #events = new EventEmitter();
  readonly #log: NodeLog;
  readonly #thread: NodeThread;
  #facts: StartedFacts | undefined;
  #own: ConnectedNode | undefined;
  /** Events from before the application could listen; undefined once it could. */
  #early: (() => void)[] | undefined = [];
  #fatal: Error | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: PlainNodeOptions, log: NodeLog) {
    this.#log = log;
    this.#thread = new NodeThread(
      { options, log: log.options },
      {
        onEvent: (event, facts) => this.#emit(event, facts),
        onDied: (error) => this.#emit('fatal', [error]),
      },
    );
  }

  static async start(options: PlainNodeOptions, log: NodeLog): Promise<EmbeddedNode> {
    const node = new EmbeddedNode(options, log);
    try {
      const facts = await node.#thread.call('start', undefined);
      node.#facts = facts;
      node.#own = await connectNode(facts.handle);
    } catch (error) {
      await node.close().catch(() => undefined); // What kept it from starting says more.
      throw error;
    }
    setImmediate(() => node.#emitEarly());
    return node;
  }

  get namesrvAddr(): string {
    return this.#facts?.namesrvAddr ?? '';
  }

  get brokerAddrs(): readonly string[] {
    return this.#facts?.brokers.map(({ address }) => address) ?? [];
  }

  /** @throws {NodeError} NODE_CLOSED */
  openChannel(...parts: Parameters<OpenChannel>): ReturnType<OpenChannel> {
    this.#requireOpen();
    if (this.#own === undefined) throw closedError();
    return this.#own.openChannel(...parts);
  }

  async handle(): Promise<NodeHandle> {
    this.#requireOpen();
    return this.#thread.call('attach', undefined);
  }

  async release({ node, id }: NodeHandle): Promise<void> {
    if (this.#closing === undefined) await this.#thread.call('release', { node, id });
  }

  async inspect(): Promise<unknown> {
    this.#requireOpen();
    return this.#thread.call('inspect', undefined);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  on<E extends keyof NodeEvents>(event: E, listener: (...facts: NodeEvents[E]) => void): this {
    this.#events.on(event, listener as (...facts: unknown[]) => void);
    return this;
  }

  once<E extends keyof NodeEvents>(event: E, listener: (...facts: NodeEvents[E]) => void): this {
    this.#events.once(event, listener as (...facts: unknown[]) => void);
    return this;
  }

  off<E extends keyof NodeEvents>(event: E, listener: (...facts: NodeEvents[E]) => void): this {
    this.#events.off(event, listener as (...facts: unknown[]) => void);
    return this;
  }

  #emit<E extends keyof NodeEvents>(event: E, facts: NodeEvents[E]): void {
    const tell = (): void => {
      if (event === 'fatal' && this.#fatal !== undefined) return;
      if (event === 'fatal') this.#fatal = facts[0] as Error;
      this.#events.emit(event, ...facts);
    };
    if (this.#early === undefined) tell();
    else this.#early.push(tell);
  }

  #emitEarly(): void {
    const tell = this.#early?.shift();
    if (tell === undefined) {
      this.#early = undefined;
      return;
    }
    // Before a listener that throws: the others come all the same.
    setImmediate(() => this.#emitEarly());
    tell();
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }

  async #close(): Promise<void> {
    try {
      await this.#thread.close();
    } finally {
      this.#own?.close();
      this.#log.close();
    }
  }
}

const closedError = (): NodeError =>
  new NodeError('NODE_CLOSED', 'the node is closed; start another with startNode');
