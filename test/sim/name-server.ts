import { child, Shard } from '../../src/actors/index.ts';
import { silentLogger } from '../../src/base/index.ts';
import { nameServerActor } from '../../src/namesrv/index.ts';
import { MemoryDisk } from '../../src/storage/index.ts';
import type { SimClient } from './sim-client.ts';
import type { SimWorld } from './world.ts';

export const NAME_SERVER = '10.0.0.8:9876';

/** Starts a name server in the network of the world's present life; `client` asks it. */
export const startNameServer = (world: SimWorld, address = NAME_SERVER): SimClient => {
  const { clock, scheduler, random } = world;
  const [host = '', port = ''] = address.split(':');
  const shard = new Shard({
    name: `namesrv-${host}`,
    clock,
    scheduler,
    random,
    logger: silentLogger,
    onFailed: (error) => world.failures.push(error),
  });
  const disk = new MemoryDisk({ clock, scheduler });
  const actor = nameServerActor({ network: world.network.from(host), disk, scheduler });
  const settings = { kvConfigPath: '/kv.json', configStorePath: '/p', orderMessageEnable: false };
  const config = { listen: { host, port: Number(port) }, settings };
  shard.spawnRoot(child({ id: 'namesrv', actor, config }));
  world.run(5);
  return world.connect('10.0.0.40', address);
};
