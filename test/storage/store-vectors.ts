import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Disk } from '../../src/base/index.ts';
import { parseProperties, tagsCode } from '../../src/message/index.ts';
import type { MessageStore } from '../../src/storage/index.ts';

/** One record of the golden store, as the vectors describe it. */
export interface GoldenRecord {
  readonly topic: string;
  readonly queueId: number;
  readonly flag: number;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly bornHost: readonly [string, number];
  readonly storeTimestamp: number;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  readonly body: string;
  readonly properties: string;
  readonly size: number;
}

interface Vectors {
  readonly endOfFileBlank: readonly {
    readonly segmentSize: number;
    readonly wrotePosition: number;
    readonly remaining: number;
    readonly recordSize: number;
    readonly rolls: boolean;
    readonly blankHex: string | null;
    readonly nextRecordOffset: number;
  }[];
  readonly batch: {
    readonly requestBodyHex: string;
    readonly batchProperties: string;
    readonly firstPhysicalOffset: number;
    readonly storedHex_5_x_withSeparator: readonly string[];
  };
  readonly consumeQueue: {
    readonly units: readonly {
      readonly note: string;
      readonly physicalOffset: string;
      readonly size: number;
      readonly tagsCode: string;
      readonly hex: string;
    }[];
    readonly fileNames: readonly {
      readonly logicalOffset: number;
      readonly fileSize: number;
      readonly file: string;
      readonly positionInFile: number;
    }[];
  };
  readonly segmentNames: readonly {
    readonly segmentSize: number;
    readonly physicalOffset: string;
    readonly file: string;
  }[];
  readonly checkpoint: {
    readonly fileSize: number;
    readonly first24Hex: string;
    readonly getMinTimestamp: number;
    readonly getMinTimestampIndex: number;
  };
  readonly goldenStore_4_9_2: {
    readonly files: Readonly<
      Record<string, { readonly size: number; readonly hexWithoutTrailingZeros: string }>
    >;
    readonly records: readonly GoldenRecord[];
  };
}

/** Facts and files made by RocketMQ 4.9.2's own store classes. */
export const storeVectors = JSON.parse(
  readFileSync(
    fileURLToPath(new URL('../../../test/golden/store-vectors.json', import.meta.url)),
    'utf8',
  ),
) as Vectors;

/** The golden store's sizes. */
export const GOLDEN_SIZES = {
  mappedFileSizeCommitLog: 2048,
  mappedFileSizeConsumeQueue: 200,
} as const;

/** The bytes of one golden file, zeros at its end included. */
export function goldenFile(name: string): Buffer {
  const file = storeVectors.goldenStore_4_9_2.files[name];
  if (file === undefined) throw new Error(`no golden file ${name}`);
  const bytes = Buffer.alloc(file.size);
  bytes.write(file.hexWithoutTrailingZeros, 'hex');
  return bytes;
}

/** Names of the golden files that are written here: not the index. */
export const goldenNames = Object.keys(storeVectors.goldenStore_4_9_2.files).filter(
  (name) => !name.startsWith('index/'),
);

/** Puts the golden files into a folder, as RocketMQ left them. */
export function writeGolden(disk: Disk, root: string): void {
  for (const name of goldenNames) {
    const path = join(root, name);
    disk.makeFolder(join(path, '..'));
    disk.writeFile(path, goldenFile(name));
  }
}

/** Sets the store's scratch message to a golden record, as a broker would have received it. */
export function fillGolden(store: MessageStore, record: GoldenRecord): void {
  const { message } = store;
  const properties = parseProperties(record.properties);
  message.queue = store.queue(record.topic, record.queueId);
  message.flag = record.flag;
  message.sysFlag = record.sysFlag & ~0x30;
  message.bornTimestamp = record.bornTimestamp;
  message.bornHost = addressBytes(record.bornHost[0]);
  message.bornPort = record.bornHost[1];
  message.storeHost = Buffer.from([192, 168, 0, 1]);
  message.storePort = 10911;
  message.reconsumeTimes = record.reconsumeTimes;
  message.preparedTransactionOffset = record.preparedTransactionOffset;
  message.body = Buffer.from(record.body, 'hex');
  message.bodyStart = 0;
  message.bodyBytes = message.body.length;
  message.properties = Buffer.from(record.properties);
  message.propertiesStart = 0;
  message.propertiesBytes = message.properties.length;
  message.tagsCode = tagsCode(properties.get('TAGS'));
  // Delay level 3 of the default levels.
  if (record.topic === 'SCHEDULE_TOPIC_XXXX') message.tagsCode = record.storeTimestamp + 10_000;
}

function addressBytes(text: string): Buffer {
  if (!text.includes(':')) return Buffer.from(text.split('.').map(Number));
  const [head = '', tail = ''] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const middle = new Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  const all = [...groups(head), ...middle, ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
