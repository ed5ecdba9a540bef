// Registry of a broker's shard: its actors, given the real disk and network of this thread.
import type { ActorTable, ShardWorkerEnvironment } from '../actors/index.ts';
import type { Logger } from '../base/index.ts';
import { createBrokerActor } from '../broker/index.ts';
import { createDisk, MappingTable } from '../storage/index.ts';
import { type RemotingServer, tcpNetwork } from '../transport/index.ts';
import { createFaultActor, FAULT_ACTOR } from './fault.actor.ts';
import { createLogger as createNodeLogger } from './logging.ts';
import { createRingPairActor, RING_PAIR_ACTOR } from './ring-pair.actor.ts';
import type { ShardSettings } from './shard-settings.ts';

export const createLogger = (shard: string, settings: unknown): Logger =>
  createNodeLogger((settings as ShardSettings).log, { shard });

export const createActors = async (environment: ShardWorkerEnvironment): Promise<ActorTable> => {
  const { scheduler, logger, pool } = environment;
  const { mappings, folders, rings } = environment.settings as ShardSettings;
  const disk = createDisk({
    scheduler,
    logger,
    ...(pool === undefined ? {} : { pool }),
    ...(folders === undefined ? {} : { settings: folders }),
    ...(mappings === undefined
      ? {}
      : { mappings: { table: new MappingTable(mappings.memory), shard: mappings.shard } }),
  });
  const fault = createFaultActor(scheduler);
  if (rings === undefined)
    return {
      broker: createBrokerActor({ disk, network: tcpNetwork(), scheduler }),
      [FAULT_ACTOR]: fault,
    };
  // Loaded where the node is embedded: a server on its own has no rings.
  const { RingHost } = await import('./ring-host.ts');
  const host = new RingHost(rings, environment);
  const onServing = (server: RemotingServer): void => host.serveBy(server);
  return {
    broker: createBrokerActor({ disk, network: host.network, scheduler, onServing }),
    [FAULT_ACTOR]: fault,
    [RING_PAIR_ACTOR]: createRingPairActor(host),
  };
};
