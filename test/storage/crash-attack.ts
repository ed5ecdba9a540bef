import * as assert from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import { MemoryDisk, type MemoryDiskOptions, type StoreOptions } from '../../src/storage/index.ts';
import { type CrashPoint, checkRecovered, StoreModel } from './crash-model.ts';
import { hookDisk } from './hook-disk.ts';

/** Runs random work and hands out the disk before each change of it, with the promises made so far. */
function record(
  seed: number,
  steps: number,
  options: Partial<StoreOptions>,
  diskOptions: Partial<MemoryDiskOptions>,
): CrashPoint[] {
  const points: CrashPoint[] = [];
  let step = 'open';
  const take = (self: StoreModel, disk: MemoryDisk): void => {
    points.push({
      name: `seed ${seed}, point ${points.length}, ${step}`,
      disk: disk.clone(),
      flushedTo: self.flushedTo,
      writtenTo: self.writtenTo,
      appended: [...self.expected],
      nowMs: self.clock.now(),
    });
  };
  let memory: MemoryDisk | undefined;
  const model = new StoreModel(seed, options, (self) => {
    const disk = new MemoryDisk({ clock: self.clock, scheduler: self.scheduler, ...diskOptions });
    memory = disk;
    return hookDisk(disk, () => take(self, disk));
  });
  for (let index = 0; index < steps; index++) {
    step = `step ${index}`;
    step = `step ${index}: ${model.step()}`;
    if (memory !== undefined) take(model, memory);
  }
  return points;
}

interface Crash {
  readonly kind: 'kill' | 'power';
  readonly seed: number;
  readonly keepUnsynced: number;
}

function crash(disk: MemoryDisk, { kind, seed, keepUnsynced }: Crash): void {
  if (kind === 'kill') disk.killProcess();
  else disk.cutPower({ seed, keepUnsynced });
}

/** Crashes the image, recovers, checks, goes on, crashes again and checks again. */
function attack(point: CrashPoint, options: Partial<StoreOptions>, first: Crash): void {
  const from = (disk: MemoryDisk, appended: CrashPoint['appended'], seed: number): StoreModel => {
    const make = (self: StoreModel): MemoryDisk => {
      holder.disk = disk.clone({ clock: self.clock, scheduler: self.scheduler });
      return holder.disk;
    };
    return new StoreModel(seed, options, make, appended, point.nowMs);
  };
  const holder: { disk: MemoryDisk } = { disk: point.disk.clone() };
  crash(holder.disk, first);
  const safeTo = first.kind === 'kill' ? point.writtenTo : point.flushedTo;
  const recovered = from(holder.disk, point.appended, 7);
  const found = checkRecovered(recovered.store, point.appended, safeTo);
  // Again, from what the first recovery wrote: the same messages.
  holder.disk.killProcess();
  const again = from(holder.disk, point.appended, 8);
  assert.equal([...visibleKeys(again)], [...found.keys()], 'a second recovery finds the same');
  // Work goes on, and a second crash keeps what was promised since.
  const survivors = point.appended.filter((one) => keep(found, one));
  const third = from(holder.disk, survivors, 9 + (first.seed % 1000));
  third.store.flush(() => undefined); // As a broker does before it serves.
  third.scheduler.runDeferred();
  for (let index = 0; index < 12; index++) third.step();
  third.store.flush(() => undefined);
  third.scheduler.runDeferred();
  const promised = third.flushedTo;
  assert.is(promised, third.store.appendedPosition);
  holder.disk.cutPower({ seed: first.seed + 1, keepUnsynced: first.keepUnsynced });
  const last = from(holder.disk, third.expected, 10);
  checkRecovered(last.store, third.expected, promised);
}

const keep = (found: ReadonlyMap<string, unknown>, one: CrashPoint['appended'][number]): boolean =>
  found.has(`${one.topic}/${one.queueId}/${one.queueOffset}`);

const visibleKeys = (model: StoreModel): Iterable<string> =>
  checkRecovered(model.store, model.expected, 0).keys();

/**
 * Runs random work from a seed, crashes at every change of the disk, and checks what recovery makes of it.
 * @throws {Error} with seed, point and crash: all it takes to see it again
 */
export function attackAll(
  seed: number,
  steps: number,
  options: Partial<StoreOptions>,
  diskOptions: Partial<MemoryDiskOptions> = {},
): void {
  const random = seededRandom(seed);
  for (const point of record(seed, steps, options, diskOptions)) {
    const kind = random.below(4) === 0 ? 'kill' : 'power';
    const keepUnsynced = [0, 0.3, 0.5, 0.9, 1][random.below(5)] ?? 0;
    const first: Crash = { kind, seed: random.below(1_000_000), keepUnsynced };
    try {
      attack(point, options, first);
    } catch (error) {
      const how = `${point.name}, ${JSON.stringify(first)}`;
      throw new Error(`${how}: ${error instanceof Error ? error.stack : String(error)}`, {
        cause: error,
      });
    }
  }
}

/** The sizes and settings of one seed, so that a number alone replays a run. */
export function attackSeed(
  seed: number,
  steps: number,
  flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH',
  segments: 'mapped' | 'windowed',
): void {
  const mappedFileSizeCommitLog = [2048, 4096, 16_384][seed % 3] ?? 2048;
  const mappedFileSizeConsumeQueue = [200, 2000][seed % 2] ?? 200;
  const sizes = { mappedFileSizeCommitLog, mappedFileSizeConsumeQueue };
  attackAll(seed, steps, { flushDiskType, ...sizes }, { segments, windowBytes: 4096 });
}
