import { errorMessage, type Timer } from '../base/index.ts';
import { groupNameFault } from '../message/index.ts';
import {
  encodeHeartbeatData,
  HeartBeat,
  type HeartbeatData,
  type RemotingCommand,
  ResponseCode,
  responseOf,
  UnregisterClient,
} from '../protocol/index.ts';
import { type Channel, openTcpChannel, type ServerRequest } from './channel.ts';
import { type ClientEnvironment, systemEnvironment } from './environment.ts';
import { ClientError } from './errors.ts';
import { NameServers } from './name-servers.ts';
import { type ClientOptions, checkOptions, type OptionRules, whereabouts } from './options.ts';
import { Remote } from './remote.ts';
import { Routes } from './routes.ts';

/** What a kind of client adds to the core. */
export interface CoreParts {
  /** What this client is, for the brokers; without it none is told. */
  readonly heartbeat?: () => Omit<HeartbeatData, 'clientID'>;
  /** A request a broker made; `undefined` refuses it. */
  readonly onRequest?: (command: RemotingCommand) => RemotingCommand | undefined;
  readonly onRouteChange?: (topic: string) => void;
  readonly defaultTopicQueueNums?: number;
  /** What its own options may be. */
  readonly rules?: OptionRules;
}

/** Time for name server, heartbeat and administrative calls. */
export const CALL_TIMEOUT_MS = 3000;
/** Routes are refreshed and heartbeats sent this often. */
export const HEARTBEAT_MS = 30_000;
/** A broker that lost this client, or does not know it yet, is told again after this time. */
export const HEARTBEAT_RETRY_MS = 1000;

const COMMON_RULES: OptionRules = { instanceName: 'text' };

/** What all clients share: a channel, routes, heartbeats, and a life from start to close. */
export class ClientCore {
  readonly environment: ClientEnvironment;
  readonly instanceId: number;
  readonly clientId: string;
  readonly remote: Remote;
  readonly names: NameServers;
  readonly routes: Routes;
  readonly #channel: Channel;
  readonly #parts: CoreParts;
  /** Brokers that know of this client. */
  readonly #told = new Set<string>();
  #state: 'new' | 'started' | 'closed' = 'new';
  #periodTimer: Timer | undefined;
  #retryTimer: Timer | undefined;

  /** @throws {ClientError} BAD_ARGUMENT */
  constructor(options: ClientOptions, parts: CoreParts) {
    const { namesrvAddr, openChannel = openTcpChannel } = whereabouts(options);
    checkOptions(options, { ...COMMON_RULES, ...parts.rules });
    const environment = options.environment ?? systemEnvironment();
    const { host, processId, random } = environment;
    this.environment = environment;
    this.#parts = parts;
    this.instanceId = random.below(0x1_0000_0000);
    this.clientId = `${host}@${options.instanceName ?? `${processId}#${this.instanceId}`}`;
    this.#channel = openChannel(environment, {
      onRequest: (command, _, reply) => this.#onRequest(command, reply),
      onDisconnect: (address) => this.#onDisconnect(address),
    });
    this.remote = new Remote(this.#channel);
    this.names = new NameServers(namesrvAddr, this.remote, random);
    this.routes = new Routes({
      names: this.names,
      scheduler: environment.scheduler,
      logger: environment.logger,
      defaultTopicQueueNums: parts.defaultTopicQueueNums ?? 4,
      onChange: (topic) => this.#onRouteChange(topic),
    });
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** @throws {ClientError} CLOSED; BAD_ARGUMENT when it was started before */
  start(): void {
    if (this.#state === 'closed') throw closedError();
    if (this.#state === 'started')
      throw new ClientError('BAD_ARGUMENT', 'start() was called twice');
    this.#state = 'started';
    this.#armPeriod();
  }

  /** @throws {ClientError} NOT_STARTED, CLOSED */
  requireStarted(): void {
    if (this.#state === 'closed') throw closedError();
    if (this.#state === 'new') throw new ClientError('NOT_STARTED', 'call start() first');
  }

  /** Tells every known broker what this client is; those that do not answer are told again later. */
  async heartbeat(): Promise<void> {
    const addresses = [...this.routes.brokerAddresses()];
    await Promise.all(addresses.map((address) => this.#tellBroker(address)));
    this.#armRetry();
  }

  /** Leaves a group on every broker that knows this client. */
  async unregister(groups: { producerGroup?: string; consumerGroup?: string }): Promise<void> {
    const header = { clientID: this.clientId, ...groups };
    const leave = (address: string): Promise<unknown> =>
      this.remote
        .call(UnregisterClient, address, header, { timeoutMs: CALL_TIMEOUT_MS })
        .catch((error: unknown) => this.#debug(address, error, 'unregistering failed'));
    await Promise.all([...this.#told].map(leave));
  }

  /** Ends timers and connections; calls under way fail with CLOSED. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#periodTimer?.cancel();
    this.#retryTimer?.cancel();
    this.#channel.close();
  }

  #armPeriod(): void {
    const run = async (): Promise<void> => {
      await this.routes.refresh();
      await this.heartbeat();
      if (!this.isClosed) this.#armPeriod();
    };
    this.#periodTimer = this.environment.scheduler.setTimer(HEARTBEAT_MS, () => void run(), false);
  }

  async #tellBroker(address: string): Promise<void> {
    const { heartbeat } = this.#parts;
    if (heartbeat === undefined || this.#state !== 'started') return;
    const body = encodeHeartbeatData({ clientID: this.clientId, ...heartbeat() });
    try {
      const bounds = { timeoutMs: CALL_TIMEOUT_MS };
      await this.remote.call(HeartBeat, address, {}, bounds, body);
      this.#told.add(address);
    } catch (error) {
      this.#told.delete(address);
      this.#debug(address, error, 'heartbeat failed');
    }
  }

  /** One timer for all brokers that are in a route and do not know this client. */
  #armRetry(): void {
    if (this.#retryTimer !== undefined || this.#state !== 'started') return;
    if (this.#parts.heartbeat === undefined || this.#untold().length === 0) return;
    const run = async (): Promise<void> => {
      await Promise.all(this.#untold().map((address) => this.#tellBroker(address)));
      this.#retryTimer = undefined;
      this.#armRetry();
    };
    const { scheduler } = this.environment;
    this.#retryTimer = scheduler.setTimer(HEARTBEAT_RETRY_MS, () => void run(), false);
  }

  #untold(): string[] {
    return [...this.routes.brokerAddresses()].filter((address) => !this.#told.has(address));
  }

  #onRouteChange(topic: string): void {
    this.#armRetry();
    this.#parts.onRouteChange?.(topic);
  }

  #onDisconnect(address: string): void {
    if (this.#told.delete(address)) this.#armRetry();
  }

  #onRequest(command: RemotingCommand, reply: Parameters<ServerRequest>[2]): void {
    const remark = ` request type ${command.code} not supported`;
    const refused = responseOf(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, { remark });
    reply(this.#parts.onRequest?.(command) ?? refused);
  }

  #debug(address: string, error: unknown, message: string): void {
    this.environment.logger.debug({ address, error: errorMessage(error) }, message);
  }
}

const closedError = (): ClientError => new ClientError('CLOSED', 'the client is closed');

/** @throws {ClientError} BAD_ARGUMENT for a name RocketMQ does not allow */
export const checkGroup = (group: string): void => {
  if (typeof group !== 'string' && group !== undefined) {
    throw new ClientError('BAD_ARGUMENT', `the group must be a text, not a ${typeof group}`);
  }
  const fault = groupNameFault(group);
  if (fault !== undefined) throw new ClientError('BAD_ARGUMENT', fault, { group });
};
