// Registry of an I/O shard: it accepts and cuts into frames what a broker of another thread answers. It maps nothing.
import type { ActorTable, ShardWorkerEnvironment } from '../actors/index.ts';
import { assert, type Logger } from '../base/index.ts';
import { RingHub, tcpNetwork } from '../transport/index.ts';
import { createForwarderActor, FORWARDER_ACTOR } from './forwarder.actor.ts';
import { createLogger as createNodeLogger } from './logging.ts';
import type { ShardSettings } from './shard-settings.ts';

export const createLogger = (shard: string, settings: unknown): Logger =>
  createNodeLogger((settings as ShardSettings).log, { shard });

export const createActors = (environment: ShardWorkerEnvironment): ActorTable => {
  const { scheduler, clock, logger } = environment;
  const { rings } = environment.settings as ShardSettings;
  assert(rings !== undefined, 'an I/O shard has rings');
  const { doorbell, spinUs } = rings;
  const hub = new RingHub({
    doorbell,
    clock,
    scheduler,
    logger,
    ...(spinUs === undefined ? {} : { spinUs }),
  });
  return { [FORWARDER_ACTOR]: createForwarderActor({ network: tcpNetwork(), scheduler, hub }) };
};
