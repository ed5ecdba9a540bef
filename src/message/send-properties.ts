import { copyBytes, equalsBytes, isTrueText, parseDecimal } from './bytes.ts';
import { NAME_VALUE_SEPARATOR, PAIR_SEPARATOR } from './properties.ts';
import { PROPERTY } from './property-names.ts';
import { tagsCodeOfBytes } from './tags.ts';

const WAIT = Buffer.from(PROPERTY.WAIT);
const TAGS = Buffer.from(PROPERTY.TAGS);
const KEYS = Buffer.from(PROPERTY.KEYS);
const DELAY = Buffer.from(PROPERTY.DELAY);
const CLUSTER = Buffer.from(PROPERTY.CLUSTER);
const UNIQUE_KEY = Buffer.from(PROPERTY.UNIQUE_KEY);
const TRANSACTION_PREPARED = Buffer.from(PROPERTY.TRANSACTION_PREPARED);

/** What the broker must know of a sent message's properties. Reusable: `rewriteSendProperties` overwrites all of it. */
export class SendProperties {
  /** Bytes written to the target. */
  bytes = 0;
  /** Java hash of TAGS, 0 without. */
  tagsCode = 0;
  /** WAIT is absent or true: the answer waits for the flush (and replication) the broker is configured for. */
  isWaitStore = true;
  /** TRAN_MSG is true: a half message. */
  isTransactionPrepared = false;
  /** DELAY where it is above 0, otherwise 0. */
  delayLevel = 0;
  /** DELAY is present and no number: RocketMQ answers SYSTEM_ERROR. */
  isDelayMalformed = false;
  /** Position of UNIQ_KEY's value in the target; length 0 without. */
  uniqueKeyStart = 0;
  uniqueKeyBytes = 0;
  /** Position of KEYS' value in the target; length 0 without. */
  keysStart = 0;
  keysBytes = 0;

  reset(): void {
    this.bytes = 0;
    this.tagsCode = 0;
    this.isWaitStore = true;
    this.isTransactionPrepared = false;
    this.delayLevel = 0;
    this.isDelayMalformed = false;
    this.uniqueKeyStart = 0;
    this.uniqueKeyBytes = 0;
    this.keysStart = 0;
    this.keysBytes = 0;
  }
}

/** Room `rewriteSendProperties` may need for `length` bytes of properties and a cluster name. */
export const sendPropertiesBytesMax = (length: number, cluster: Uint8Array): number =>
  length + CLUSTER.length + cluster.length + 2;

const noteDelay = (result: SendProperties, target: Buffer, start: number, end: number): void => {
  const level = parseDecimal(target, start, end);
  result.isDelayMalformed = !(Math.abs(level) <= 0x7fffffff);
  result.delayLevel = level > 0 && !result.isDelayMalformed ? level : 0;
};

/**
 * Notes what one kept pair in the target says. A later duplicate wins, as in the parser.
 * @returns false for a pair the store must not keep (WAIT, CLUSTER).
 */
const notePair = (
  result: SendProperties,
  target: Buffer,
  nameStart: number,
  separator: number,
  end: number,
): boolean => {
  // hot path
  const valueStart = separator + 1;
  const nameBytes = separator - nameStart;
  switch (nameBytes) {
    case 4:
      if (equalsBytes(target, nameStart, 4, TAGS)) {
        result.tagsCode = tagsCodeOfBytes(target, valueStart, end - valueStart);
      } else if (equalsBytes(target, nameStart, 4, KEYS)) {
        result.keysStart = valueStart;
        result.keysBytes = end - valueStart;
      } else if (equalsBytes(target, nameStart, 4, WAIT)) {
        result.isWaitStore = isTrueText(target, valueStart, end - valueStart);
        return false;
      }
      return true;
    case 5:
      if (equalsBytes(target, nameStart, 5, DELAY)) noteDelay(result, target, valueStart, end);
      return true;
    case 7:
      return !equalsBytes(target, nameStart, 7, CLUSTER);
    case 8:
      if (equalsBytes(target, nameStart, 8, UNIQUE_KEY)) {
        result.uniqueKeyStart = valueStart;
        result.uniqueKeyBytes = end - valueStart;
      } else if (equalsBytes(target, nameStart, 8, TRANSACTION_PREPARED)) {
        result.isTransactionPrepared = isTrueText(target, valueStart, end - valueStart);
      }
      return true;
    default:
      return true;
  }
};

/**
 * Writes a sent message's properties as the store keeps them: pairs the parser would drop are dropped, WAIT is left out,
 * `CLUSTER 0x01 <cluster>` comes last (a client's own CLUSTER is replaced), joined by 0x02 without a last one. The client's
 * order stays. `target` must have `sendPropertiesBytesMax` bytes from `at` and must not overlap the source.
 * @source rocketmq 4.9.2 broker/processor/SendMessageProcessor.java asyncSendMessage
 */
export function rewriteSendProperties(
  source: Buffer,
  start: number,
  length: number,
  target: Buffer,
  at: number,
  cluster: Uint8Array,
  result: SendProperties,
): void {
  // hot path
  result.reset();
  const end = start + length;
  let position = at;
  for (let from = start; from < end; from++) {
    const pairStart = position;
    let separator = -1;
    for (; from < end; from++, position++) {
      const byte = source[from] as number;
      if (byte === PAIR_SEPARATOR) break;
      if (byte === NAME_VALUE_SEPARATOR && separator < 0) separator = position;
      target[position] = byte;
    }
    const isPair = separator > pairStart && separator < position - 1;
    if (isPair && notePair(result, target, pairStart, separator, position)) {
      target[position] = PAIR_SEPARATOR;
      position += 1;
    } else {
      position = pairStart;
    }
  }
  position = copyBytes(CLUSTER, 0, CLUSTER.length, target, position);
  target[position] = NAME_VALUE_SEPARATOR;
  position = copyBytes(cluster, 0, cluster.length, target, position + 1);
  result.bytes = position - at;
}
