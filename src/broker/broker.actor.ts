import { type ActorContext, type ActorRef, type Behavior, defineActor } from '../actors/index.ts';
import type { Disk, Network, Scheduler } from '../base/index.ts';
import { MessageStore, type StoreOptions } from '../storage/index.ts';
import { type ListenAt, RemotingClient, RemotingServer } from '../transport/index.ts';
import { CLIENT_SCAN_MS, PULL_SCAN_MS } from './broker-limits.ts';
import type { BrokerSettings } from './broker-settings.ts';
import { RunningBroker } from './running-broker.ts';

/** Everything outside a broker that is no actor. */
export interface BrokerEnvironment {
  readonly disk: Disk;
  readonly network: Network;
  readonly scheduler: Scheduler;
  /** Given the server once it may serve, for connections that come in some other way than by `listen`. */
  readonly onServing?: (server: RemotingServer) => void;
}

/** What a broker is started with: plain data. */
export interface BrokerActorConfig {
  readonly settings: BrokerSettings;
  /** The address behind `brokerIP1`, which stored messages carry (default: `brokerIP1`, where it is one). */
  readonly storeHost?: string;
  readonly store: StoreOptions;
  /** Listening addresses: the main port first, the VIP port where there is one; none opens no port. */
  readonly listen: readonly ListenAt[];
  readonly namesrvAddr: readonly string[];
}

/** What a broker tells itself: its start, and its periodic work. */
export type BrokerMessage =
  | { readonly kind: 'listening' }
  | { readonly kind: 'listenFailed'; readonly error: Error }
  /** Tells `replyTo` once the first registration was answered, or failed, everywhere. */
  | { readonly kind: 'whenRegistered'; readonly replyTo: ActorRef<true> }
  | { readonly kind: 'saveConfig' }
  | { readonly kind: 'scanPulls' }
  | { readonly kind: 'scanClients' };

/** Restarts of queues and groups a broker grants before it fails itself, and its store is opened anew. */
const SUPERVISION = {
  strategy: 'oneForOne',
  restartsMax: 20,
  periodMs: 60_000,
  backoff: { firstMs: 5, maxMs: 1_000 },
} as const;

/**
 * A broker: opens its store through recovery, serves its ports, supervises its queues, groups and registration. After
 * a failure it is not restarted in place: its shard is replaced, and the store opened again by the successor.
 */
export const createBrokerActor = (environment: BrokerEnvironment) =>
  defineActor<BrokerActorConfig, BrokerMessage>({
    name: 'broker',
    supervision: SUPERVISION,
    start: (config, context) => startBroker(environment, config, context),
  });

const startBroker = (
  environment: BrokerEnvironment,
  config: BrokerActorConfig,
  context: ActorContext<BrokerMessage>,
): Behavior<BrokerMessage> => {
  const { disk, network, scheduler, onServing } = environment;
  const { clock, logger, random } = context;
  const store = MessageStore.open(config.store, { disk, clock, scheduler, logger, random });
  const client = new RemotingClient({ network, scheduler, clock, logger });
  const broker = new RunningBroker({ store, client, disk, config, context });
  const server = new RemotingServer({ network, scheduler, clock, logger, handler: broker.router });
  const listen = (): void => {
    onServing?.(server);
    for (const at of config.listen) {
      server.listen(at, (error) => {
        if (error !== undefined) context.self.tell({ kind: 'listenFailed', error });
      });
    }
    context.self.tell({ kind: 'listening' });
  };
  // What recovery found may not be on the disk yet: under SYNC_FLUSH nobody sees it before it is.
  if (config.settings.flushDiskType === 'SYNC_FLUSH') {
    store.flush((error) => {
      if (context.isEnded) return;
      if (error === undefined) listen();
      else context.self.tell({ kind: 'listenFailed', error });
    });
  } else {
    listen();
  }
  return {
    receive: (message) => receive(message, broker, config.settings, context),
    drain: (done) => {
      broker.saveConfig();
      acknowledgeAll(server, store, () => {
        // In a later turn: a store that fails answers those who wait for it after this call.
        scheduler.defer(() => server.close(() => store.close(() => done())));
      });
    },
    stop: () => client.close(),
    inspect: () => ({ ...broker.inspect(), connections: server.peers.size }),
  };
};

/**
 * Before connections are closed: whoever waits for a flush is answered, and nothing more is read, so that no message is
 * stored whose sender learns nothing of it, sends it again, and has it stored twice.
 */
const acknowledgeAll = (server: RemotingServer, store: MessageStore, done: () => void): void => {
  server.stopListening();
  for (const peer of server.peers.values()) peer.pauseReading();
  store.flush(() => {
    // A connection that is not read would not see the end of the other side. It is closed before anything of it is run.
    for (const peer of server.peers.values()) peer.resumeReading();
    done();
  });
};

const receive = (
  message: BrokerMessage,
  broker: RunningBroker,
  settings: BrokerSettings,
  context: ActorContext<BrokerMessage>,
): void => {
  switch (message.kind) {
    case 'listening':
      broker.register();
      context.setTimer(settings.flushConsumerOffsetInterval, { kind: 'saveConfig' });
      context.setTimer(PULL_SCAN_MS, { kind: 'scanPulls' });
      context.setTimer(CLIENT_SCAN_MS, { kind: 'scanClients' });
      return;
    case 'listenFailed':
      throw message.error;
    case 'whenRegistered':
      broker.whenRegistered(message.replyTo);
      return;
    case 'saveConfig':
      broker.saveConfig();
      context.setTimer(settings.flushConsumerOffsetInterval, message);
      return;
    case 'scanPulls':
      broker.scanPulls();
      context.setTimer(PULL_SCAN_MS, message);
      return;
    case 'scanClients':
      broker.scanClients();
      context.setTimer(CLIENT_SCAN_MS, message);
      return;
  }
};
