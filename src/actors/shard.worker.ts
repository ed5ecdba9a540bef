// Entry of a shard's thread: builds the shard from the registry module, starts its roots and serves the control port.
import { getHeapStatistics } from 'node:v8';
import { threadId, workerData } from 'node:worker_threads';
import { silentLogger, systemClock, systemRandom, systemScheduler } from '../base/index.ts';
import { ActorError } from './actor-error.ts';
import { child } from './child.ts';
import { exposeControl, type StartOutcome } from './control.ts';
import { Links, Presence } from './links.ts';
import { toPlainError } from './plain-error.ts';
import { RemotePool } from './pool.ts';
import type { ActorTable, RegistryModule, RootSpec, ShardWorkerEnvironment } from './registry.ts';
import { Shard } from './shard.ts';
import type { ThreadData } from './shard-thread.ts';

const data = workerData as ThreadData;
const startMs = systemClock.monotonicMs();

const attempt = (action: () => void): StartOutcome => {
  try {
    action();
    return { ok: true };
  } catch (error) {
    return { ok: false, error: toPlainError(error) };
  }
};

const createShard = (environment: ShardWorkerEnvironment): Shard =>
  new Shard({
    ...environment,
    ...(data.supervision === undefined ? {} : { supervision: data.supervision }),
    threadFacts: () => ({
      threadId,
      heapUsedBytes: getHeapStatistics().used_heap_size,
      uptimeMs: systemClock.monotonicMs() - startMs,
    }),
    // Outside every promise and turn: the thread dies of it, and the system sees why.
    onFailed: (error) =>
      systemScheduler.defer(() => {
        throw error;
      }),
  });

const spawnRoot = (shard: Shard, actors: ActorTable, root: RootSpec): void => {
  const actor = Object.hasOwn(actors, root.actor) ? actors[root.actor] : undefined;
  if (actor === undefined) {
    throw new ActorError('ACTOR_UNKNOWN', `the registry has no actor "${root.actor}"`, {
      actor: root.actor,
      known: Object.keys(actors),
    });
  }
  // The registry's author pairs names with configurations; here only the name is known.
  shard.spawnRoot(child({ ...root, actor, config: root.config as never }));
};

const registry = (await import(data.registryUrl)) as RegistryModule;
const environment: ShardWorkerEnvironment = {
  name: data.name,
  clock: systemClock,
  random: systemRandom,
  scheduler: systemScheduler,
  logger: registry.createLogger?.(data.name, data.settings) ?? silentLogger,
  settings: data.settings,
  pool: data.pool === undefined ? undefined : new RemotePool(data.pool),
};
const actors = await registry.createActors(environment);
const shard = createShard(environment);
const links = new Links({ ...environment, shard, doorbell: data.doorbell });
for (const link of data.links) links.connect(link);

const outcome = attempt(() => {
  for (const root of data.roots) spawnRoot(shard, actors, root);
});
const presence = new Presence(data.presence);
if (outcome.ok) {
  presence.set(true);
  links.open();
}

exposeControl(data.control, {
  ready: () => Promise.resolve(outcome),
  start: (root) => attempt(() => spawnRoot(shard, actors, root)),
  connect: (link) => links.connect(link),
  disconnect: (name) => links.disconnect(name),
  inspect: () => shard.inspect(),
  configure: (settings) => attempt(() => registry.configure?.(settings)),
  stop: async () => {
    await new Promise<void>((resolve) => shard.stop(resolve));
    presence.set(false);
    links.close();
    // After the answer has been posted; nothing may keep a stopped shard's thread alive.
    setImmediate(() => setImmediate(() => process.exit(0)));
  },
});
