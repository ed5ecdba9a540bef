import { equal, is, throws } from 'uvu/assert';
import { errorCode, silentLogger } from '../../src/base/index.ts';
import { KvConfig } from '../../src/namesrv/kv-config.ts';
import type { MemoryDisk } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';
import { memoryDisk } from './memory-disk.ts';

const test = suite('kv-config');
const PATH = '/home/namesrv/kvConfig.json';
const open = (disk: MemoryDisk): KvConfig =>
  new KvConfig({ disk, logger: silentLogger, path: PATH });
const text = (disk: MemoryDisk): string | undefined => disk.readFile(PATH)?.toString();

test('the file has the form RocketMQ reads, and is read back', () => {
  const disk = memoryDisk();
  const config = open(disk);
  config.put('ORDER_TOPIC_CONFIG', 'TopicTest', 'broker-a:4;broker-b:4');
  config.put('ORDER_TOPIC_CONFIG', '"quoted"\n', 'é');
  is(
    text(disk),
    '{"configTable":{"ORDER_TOPIC_CONFIG":{"TopicTest":"broker-a:4;broker-b:4","\\"quoted\\"\\n":"é"}}}',
  );
  const again = open(disk);
  is(again.get('ORDER_TOPIC_CONFIG', 'TopicTest'), 'broker-a:4;broker-b:4');
  is(again.get('ORDER_TOPIC_CONFIG', '"quoted"\n'), 'é');
  is(again.size, 2);
});

test('entries are replaced and deleted, a namespace that was used stays', () => {
  const disk = memoryDisk();
  const config = open(disk);
  is(config.list('N'), undefined);
  config.put('N', 'k', '1');
  config.put('N', 'k', '2');
  equal([...(config.list('N') ?? [])], [['k', '2']]);
  config.delete('N', 'k');
  config.delete('N', 'k');
  config.delete('other', 'k');
  is(config.get('N', 'k'), undefined);
  is(config.list('N')?.size, 0);
  is(text(disk), '{"configTable":{"N":{}}}');
});

test('names of built-in properties are names like any other', () => {
  const disk = memoryDisk();
  const config = open(disk);
  config.put('__proto__', 'constructor', 'a');
  config.put('N', '__proto__', 'b');
  const again = open(disk);
  is(again.get('__proto__', 'constructor'), 'a');
  is(again.get('N', '__proto__'), 'b');
  is(again.get('toString', 'name'), undefined);
});

test('empty and endless names are refused', () => {
  const config = open(memoryDisk());
  const isInvalid = (error: unknown): boolean => errorCode(error) === 'KV_INVALID';
  throws(() => config.put('', 'k', 'v'), isInvalid);
  throws(() => config.put('N', '', 'v'), isInvalid);
  throws(() => config.put('N'.repeat(2000), 'k', 'v'), isInvalid);
  throws(() => config.put('N', 'k', 'v'.repeat(70_000)), isInvalid);
  is(config.size, 0);
});

test('the backup serves where the file is cut off, and two unreadable files stop the start', () => {
  const disk = memoryDisk();
  const config = open(disk);
  config.put('N', 'k', '1');
  config.put('N', 'k', '2');
  disk.writeFile(PATH, Buffer.from('{"configTable":{"N"'));
  is(open(disk).get('N', 'k'), '1');
  disk.writeFile(`${PATH}.bak`, Buffer.from('[]'));
  throws(() => open(disk));
});

test('a save that fails changes nothing', () => {
  const disk = memoryDisk();
  const config = open(disk);
  config.put('N', 'k', '1');
  disk.failNextWrite('kvConfig', 2);
  throws(() => config.put('N', 'k', '2'), /kvConfig/);
  throws(() => config.delete('N', 'k'), /kvConfig/);
  is(config.get('N', 'k'), '1');
});
