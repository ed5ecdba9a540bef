import { type ActorContext, type ActorDefinition, defineActor } from '../actors/index.ts';
import {
  type Disk,
  IDLE_CLOSE_MS,
  type Network,
  type Scheduler,
  type SocketAddress,
} from '../base/index.ts';
import { type RequestView, ResponseCode } from '../protocol/index.ts';
import { type ListenAt, type Peer, RemotingServer, remarkAnswer } from '../transport/index.ts';
import { NameServer, SCAN_FIRST_MS, SCAN_PERIOD_MS } from './name-server.ts';
import type { NameServerSettingValues } from './name-server-settings.ts';

/** What the thread of a name server is given beside its actor's context. */
export interface NameServerEnvironment {
  readonly network: Network;
  readonly disk: Disk;
  readonly scheduler: Scheduler;
  /** Told once it listens, after each start. */
  readonly onListening?: (address: SocketAddress) => void;
  /** Given the server after each start, for connections that come in some other way than by `listen`. */
  readonly onServing?: (server: RemotingServer) => void;
}

/** Configuration of a name server: plain data, so that it reaches another thread. */
export interface NameServerConfig {
  /** Absent: it opens no port. */
  readonly listen?: ListenAt | undefined;
  readonly settings: NameServerSettingValues;
}

/** What a name server is told; connections and timers are its only callers. */
export type NameServerMessage =
  | { readonly kind: 'request'; readonly view: RequestView; readonly peer: Peer }
  | { readonly kind: 'closed'; readonly peer: Peer }
  | { readonly kind: 'listening'; readonly address: SocketAddress }
  | { readonly kind: 'scan' };

/**
 * The name server as an actor. Routes are in memory only: after a restart brokers register again within 30 s; the
 * key-value configuration is read from its file.
 */
export const nameServerActor = (
  environment: NameServerEnvironment,
): ActorDefinition<NameServerConfig, NameServerMessage> =>
  defineActor<NameServerConfig, NameServerMessage>({
    name: 'name-server',
    start(config, context) {
      const { clock, logger } = context;
      const { disk } = environment;
      const nameServer = new NameServer({ disk, clock, logger, settings: config.settings });
      const server = createServer(environment, config, context);
      let address: SocketAddress | undefined;
      context.setTimer(SCAN_FIRST_MS, { kind: 'scan' });
      return {
        receive(message) {
          switch (message.kind) {
            case 'request':
              nameServer.onRequest(message.view, message.peer);
              return;
            case 'closed':
              nameServer.onClose(message.peer);
              return;
            case 'listening':
              address = message.address;
              logger.info({ ...address }, 'the name server listens');
              environment.onListening?.(address);
              return;
            case 'scan':
              context.setTimer(SCAN_PERIOD_MS, { kind: 'scan' });
              for (const channel of nameServer.scan()) (channel as Peer).destroy();
              return;
          }
        },
        drain: (done) => server.close(done),
        stop: () => server.close(),
        inspect: () => ({ ...nameServer.inspect(), connections: server.peers.size, address }),
      };
    },
  });

const createServer = (
  { network, scheduler, onServing }: NameServerEnvironment,
  { listen, settings }: NameServerConfig,
  context: ActorContext<NameServerMessage>,
): RemotingServer => {
  const { self, clock, logger } = context;
  const idleSeconds = Number(settings['serverChannelMaxIdleTimeSeconds']);
  const idleCloseMs = idleSeconds > 0 ? idleSeconds * 1000 : IDLE_CLOSE_MS;
  const server = new RemotingServer({
    network,
    scheduler,
    clock,
    logger,
    limits: { idleCloseMs },
    handler: {
      onRequest(view, peer) {
        if (self.run({ kind: 'request', view, peer }) || view.isOneway) return;
        peer.reply(
          remarkAnswer(ResponseCode.SYSTEM_BUSY, '[REJECTREQUEST]the name server restarts'),
          view,
        );
      },
      onTurnEnd: () => undefined,
      onClose: (peer) => {
        if (!context.isEnded) self.tell({ kind: 'closed', peer });
      },
    },
  });
  onServing?.(server);
  if (listen === undefined) return server;
  server.listen(listen, (error, address) => {
    if (context.isEnded) return;
    // Another try in this thread would find the same port taken, or the same descriptor closed.
    if (error !== undefined) context.escalate(error);
    else if (address !== undefined) self.tell({ kind: 'listening', address });
  });
  return server;
};
