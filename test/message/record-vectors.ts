import { hostBytes, RecordFields } from '../../src/message/index.ts';
import { readGolden } from '../support/golden.ts';

/** One record of `store-vectors.json`. */
export interface RecordVector {
  readonly name: string;
  readonly version: 'V1' | 'V2';
  readonly fields: {
    readonly topic: string;
    readonly queueId: number;
    readonly flag: number;
    readonly queueOffset: number;
    readonly physicalOffset: number;
    readonly sysFlag: number;
    readonly bornTimestamp: number;
    readonly bornHost: readonly [string, number];
    readonly storeTimestamp: number;
    readonly storeHost: readonly [string, number];
    readonly reconsumeTimes: number;
    readonly preparedTransactionOffset: number;
    readonly properties: string;
    readonly bodyHex: string;
  };
  readonly totalSize: number;
  readonly storedSysFlag: number;
  readonly msgId: string;
  readonly hex: string;
}

export const recordVectors = (): readonly RecordVector[] =>
  readGolden<{ record: RecordVector[] }>('store-vectors.json').record;

/** What the encoder takes, from a vector. */
export const fieldsOf = ({ fields: given }: RecordVector): RecordFields => {
  const body = Buffer.from(`aa${given.bodyHex}`, 'hex');
  const topic = Buffer.from(`bb${given.topic}`);
  const properties = Buffer.from(`c${given.properties}`);
  return Object.assign(new RecordFields(), {
    queueId: given.queueId,
    flag: given.flag,
    queueOffset: given.queueOffset,
    commitLogOffset: given.physicalOffset,
    sysFlag: given.sysFlag,
    bornTimestamp: given.bornTimestamp,
    bornHost: hostBytes(given.bornHost[0]),
    bornPort: given.bornHost[1],
    storeTimestamp: given.storeTimestamp,
    storeHost: hostBytes(given.storeHost[0]),
    storePort: given.storeHost[1],
    reconsumeTimes: given.reconsumeTimes,
    preparedTransactionOffset: given.preparedTransactionOffset,
    body,
    bodyStart: 1,
    bodyBytes: body.length - 1,
    topic,
    topicStart: 2,
    topicBytes: topic.length - 2,
    properties,
    propertiesStart: 1,
    propertiesBytes: properties.length - 1,
  });
};
