import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { SHARDS_MAX } from '../../actors/index.ts';
import type { BrokerSettings } from '../config/settings.ts';
import { NodeError } from '../node-error.ts';

/** Brokers of one node: each has a thread of its own, and a folder that is looked for at the start. */
export const BROKERS_MAX = 32;

/** I/O shards of one broker. */
export const IO_SHARDS_MAX = 8;
/** Cores of a broker below which its own thread serves its connections as well. */
const IO_CORES_MIN = 8;
/** As many as keep a home shard busy with requests that come one by one. */
const IO_SHARDS_ENOUGH = 3;

/** I/O shards of each broker of a server that is not told how many (docs/adr/0006-io-shards.md). */
export const ioShardsByDefault = (cores: number, shards: number): number =>
  cores / shards < IO_CORES_MIN || threadsOf(shards, IO_SHARDS_ENOUGH) > SHARDS_MAX
    ? 0
    : IO_SHARDS_ENOUGH;

/** Those of the brokers, and the name server's. */
const threadsOf = (shards: number, ioShards: number): number => shards * (1 + ioShards) + 1;

/**
 * Refuses more threads than a node may have.
 * @throws {NodeError} CONFIG_INVALID
 */
export const requireThreads = (shards: number, ioShards: number): void => {
  const threads = threadsOf(shards, ioShards);
  if (threads <= SHARDS_MAX) return;
  const remedy = 'choose fewer shards, or fewer I/O shards of each';
  throw new NodeError(
    'CONFIG_INVALID',
    `${shards} brokers with ${ioShards} I/O shards each and a name server are ${threads} threads, and a node has at most ${SHARDS_MAX}; ${remedy}`,
    { shards, ioShards, threads },
  );
};

/** Ports of two brokers of a node lie this far apart: each needs its own, the one two below and the one above. */
const PORT_DISTANCE = 10;
const PORT_MAX = 65_535;

const numbered = (text: string, index: number): string => (index === 0 ? text : `${text}-${index}`);

/** The folder of broker `index`'s store beside the first one's: `store`, `store-1`, `store-2` … */
export const storeFolderOf = (folder: string, index: number): string =>
  numbered(resolve(folder), index);

/** A commit log inside the store moves with it, one elsewhere gets its own folder there. */
const commitLogOf = (settings: BrokerSettings, index: number): string => {
  const [root, commitLog] = [
    resolve(settings.storePathRootDir),
    resolve(settings.storePathCommitLog),
  ];
  return commitLog.startsWith(root + sep)
    ? join(storeFolderOf(root, index), commitLog.slice(root.length))
    : numbered(commitLog, index);
};

/**
 * Settings of broker `index` of a node: brokers are one cluster, named `brokerName`, `brokerName-1` …, on ports 10 apart.
 * Port 0 stays 0: any free one.
 * @throws {NodeError} CONFIG_INVALID when there is no such port.
 */
export const brokerSettingsOf = (settings: BrokerSettings, index: number): BrokerSettings => {
  if (index === 0) return settings;
  const { listenPort } = settings;
  const port = listenPort === 0 ? 0 : listenPort + PORT_DISTANCE * index;
  if (port > PORT_MAX) {
    throw new NodeError(
      'CONFIG_INVALID',
      `broker ${index} would listen on port ${port}; choose a lower listenPort, or fewer shards`,
      { listenPort, index },
    );
  }
  return {
    ...settings,
    brokerName: numbered(settings.brokerName, index),
    listenPort: port,
    storePathRootDir: storeFolderOf(settings.storePathRootDir, index),
    storePathCommitLog: commitLogOf(settings, index),
  };
};

/** Length and magic number of a record. */
const RECORD_HEAD_BYTES = 8;

/** Whether a commit log holds a record: its first segment then begins with one. */
const hasRecords = (folder: string): boolean => {
  if (!existsSync(folder)) return false;
  const first = readdirSync(folder)
    .filter((name) => /^\d{20}$/.test(name))
    .sort()[0];
  if (first === undefined) return false;
  const descriptor = openSync(join(folder, first), 'r');
  try {
    const head = Buffer.alloc(RECORD_HEAD_BYTES);
    readSync(descriptor, head, 0, RECORD_HEAD_BYTES, 0);
    return head.some((byte) => byte !== 0);
  } finally {
    closeSync(descriptor);
  }
};

/**
 * Refuses to leave a store behind that still holds messages: nobody would ever consume them.
 * @throws {NodeError} SHARDS_LOWERED
 */
export const requireNoneDropped = (settings: BrokerSettings, shards: number): void => {
  for (let index = shards; index < BROKERS_MAX; index++) {
    const folder = storeFolderOf(settings.storePathRootDir, index);
    if (!hasRecords(commitLogOf(settings, index))) continue;
    const needed = index + 1;
    const remedy = `start with ${needed} shards and consume them, or move ${folder} away`;
    throw new NodeError(
      'SHARDS_LOWERED',
      `with ${shards} ${shards === 1 ? 'shard' : 'shards'} nobody would serve the messages in ${folder}; ${remedy}`,
      { shards, needed, folder },
    );
  }
};
