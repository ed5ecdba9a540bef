// Registry of the name server's shard. It maps nothing, so it loads no foreign functions.
import type { ActorTable, ShardWorkerEnvironment } from '../actors/index.ts';
import type { Logger } from '../base/index.ts';
import { nameServerActor } from '../namesrv/index.ts';
import { createFileDisk } from '../storage/index.ts';
import { tcpNetwork } from '../transport/index.ts';
import { createLogger as createNodeLogger } from './logging.ts';
import type { ShardSettings } from './shard-settings.ts';

export const createLogger = (shard: string, settings: unknown): Logger =>
  createNodeLogger((settings as ShardSettings).log, { shard });

export const createActors = (environment: ShardWorkerEnvironment): ActorTable => {
  const { scheduler } = environment;
  const disk = createFileDisk({ scheduler });
  return { 'name-server': nameServerActor({ disk, network: tcpNetwork(), scheduler }) };
};
