// Registry of the name server's shard. It maps nothing, so it loads no foreign functions.
import type { ActorTable, ShardWorkerEnvironment } from '../actors/index.ts';
import type { Logger } from '../base/index.ts';
import { nameServerActor } from '../namesrv/index.ts';
import { createFileDisk } from '../storage/index.ts';
import { type RemotingServer, tcpNetwork } from '../transport/index.ts';
import { createLogger as createNodeLogger } from './logging.ts';
import { createRingPairActor, RING_PAIR_ACTOR } from './ring-pair.actor.ts';
import type { ShardSettings } from './shard-settings.ts';

export const createLogger = (shard: string, settings: unknown): Logger =>
  createNodeLogger((settings as ShardSettings).log, { shard });

export const createActors = async (environment: ShardWorkerEnvironment): Promise<ActorTable> => {
  const { scheduler } = environment;
  const { rings } = environment.settings as ShardSettings;
  const disk = createFileDisk({ scheduler });
  if (rings === undefined)
    return { 'name-server': nameServerActor({ disk, network: tcpNetwork(), scheduler }) };
  // Loaded where the node is embedded: a server on its own has no rings.
  const { RingHost } = await import('./ring-host.ts');
  const host = new RingHost(rings, environment);
  const onServing = (server: RemotingServer): void => host.serveBy(server);
  return {
    'name-server': nameServerActor({ disk, network: host.network, scheduler, onServing }),
    [RING_PAIR_ACTOR]: createRingPairActor(host),
  };
};
