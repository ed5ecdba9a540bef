// Registry of a broker's shard: its actors, given the real disk and network of this thread.
import { type ActorTable, createPool, type ShardWorkerEnvironment } from '../actors/index.ts';
import type { Logger, Pool } from '../base/index.ts';
import { createBrokerActor } from '../broker/index.ts';
import { createDisk, MappingTable, PREPARE_TASK, type PreparePart } from '../storage/index.ts';
import { tcpNetwork } from '../transport/index.ts';
import { createFaultActor, FAULT_ACTOR } from './fault.actor.ts';
import { createLogger as createNodeLogger } from './logging.ts';
import type { ShardSettings } from './shard-settings.ts';

export const createLogger = (shard: string, settings: unknown): Logger =>
  createNodeLogger((settings as ShardSettings).log, { shard });

export const createActors = (environment: ShardWorkerEnvironment): ActorTable => {
  const { scheduler, logger } = environment;
  const { mappings, folders } = environment.settings as ShardSettings;
  const pool = writingDown(
    createPool({ tasksUrl: new URL('./pool-tasks.js', import.meta.url) }),
    mappings,
  );
  const disk = createDisk({
    scheduler,
    logger,
    pool,
    ...(folders === undefined ? {} : { settings: folders }),
    ...(mappings === undefined
      ? {}
      : { mappings: { table: new MappingTable(mappings.memory), shard: mappings.shard } }),
  });
  const broker = createBrokerActor({ disk, network: tcpNetwork(), scheduler });
  return { broker, [FAULT_ACTOR]: createFaultActor(scheduler) };
};

/** What a helper maps is unmapped like all else when it is ended half-way, together with this thread. */
const writingDown = (pool: Pool, mappings: ShardSettings['mappings']): Pool => ({
  run: (task, argument, done) =>
    pool.run(
      task,
      task === PREPARE_TASK ? { ...(argument as PreparePart), mappings } : argument,
      done,
    ),
  close: () => pool.close(),
});
