import * as assert from 'uvu/assert';
import { ManualClock, ManualScheduler, silentLogger } from '../../src/base/index.ts';
import { ConfigFile, MemoryDisk } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { hookDisk } from './hook-disk.ts';

const test = suite('storage/config-file');
const codec = {
  parse: (text: string): unknown => JSON.parse(text),
  format: (value: unknown): string => JSON.stringify(value),
};

const make = (): { disk: MemoryDisk; file: ConfigFile<unknown> } => {
  const clock = new ManualClock();
  const disk = new MemoryDisk({ clock, scheduler: new ManualScheduler(clock) });
  disk.makeFolder('/config');
  return { disk, file: new ConfigFile<unknown>(disk, silentLogger, '/config/topics.json', codec) };
};

test('nothing stored is no error', () => {
  assert.is(make().file.load(), undefined);
});

test('a saved value is loaded, and the one before is kept as backup', () => {
  const { disk, file } = make();
  file.save({ a: 1 });
  file.save({ a: 2 });
  assert.equal(file.load(), { a: 2 });
  assert.is(disk.readFile('/config/topics.json.bak')?.toString(), '{"a":1}');
  assert.is(disk.stat('/config/topics.json.tmp'), undefined);
});

test('a missing, empty or unreadable file gives way to its backup', () => {
  for (const text of [undefined, '', '{"a":']) {
    const { disk, file } = make();
    disk.writeFile('/config/topics.json.bak', Buffer.from('{"a":7}'));
    if (text !== undefined) disk.writeFile('/config/topics.json', Buffer.from(text));
    assert.equal(file.load(), { a: 7 });
  }
});

test('an unreadable file without a readable backup is an error', () => {
  const { disk, file } = make();
  disk.writeFile('/config/topics.json', Buffer.from('{"a":'));
  assert.throws(() => file.load(), /JSON/);
  disk.writeFile('/config/topics.json.bak', Buffer.from('}'));
  assert.throws(() => file.load(), /JSON/);
});

test('a crash at any write of a save leaves the old or the new value', () => {
  const clock = new ManualClock();
  const memory = new MemoryDisk({ clock, scheduler: new ManualScheduler(clock) });
  const images: MemoryDisk[] = [];
  const disk = hookDisk(memory, () => images.push(memory.clone()));
  memory.makeFolder('/config');
  const file = new ConfigFile<unknown>(disk, silentLogger, '/config/topics.json', codec);
  file.save(1);
  memory.settle();
  images.length = 0;
  file.save(2);
  images.push(memory.clone());
  assert.ok(images.length >= 4);
  for (const image of images)
    for (const keepUnsynced of [0, 0.5, 1]) {
      const copy = image.clone();
      copy.cutPower({ seed: 3, keepUnsynced });
      const value = new ConfigFile<unknown>(copy, silentLogger, file.path, codec).load();
      assert.ok(value === 1 || value === 2, `${String(value)} was never saved`);
    }
});
