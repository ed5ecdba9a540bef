import type { Counts } from './recorder.ts';

/** What one line covers. */
export interface Interval {
  readonly begin: Counts;
  readonly end: Counts;
  readonly seconds: number;
  readonly responseMsMax: number;
  readonly at: Date;
}

/** Kinds of load that print lines of their own. */
export type LoadKind = 'producer' | 'batch' | 'pull';

const two = (value: number): string => String(value).padStart(2, '0');

/** As RocketMQ's tools write it: `2021-09-01 12:00:00,123`. */
export const humanTime = (at: Date): string =>
  `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
  `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())},` +
  String(at.getMilliseconds()).padStart(3, '0');

const average = (sum: number, count: number): string =>
  (count === 0 ? 0 : sum / count).toFixed(3).padStart(7);

/**
 * A line of RocketMQ's own benchmark.
 * @source rocketmq 4.9.2 example/benchmark/Producer.java, BatchProducer.java
 */
export const statLine = (kind: LoadKind, interval: Interval): string => {
  const { begin, end, seconds, at } = interval;
  const perSecond = (count: number): number => (seconds > 0 ? Math.floor(count / seconds) : 0);
  const requests = end.requests - begin.requests;
  const messages = end.messages - begin.messages;
  const responseMs = end.responseMsSum - begin.responseMsSum;
  const time = `Current Time: ${humanTime(at)}`;
  const maximum = `Max RT(ms): ${Math.floor(interval.responseMsMax)}`;
  const mean = `Average RT(ms): ${average(responseMs, requests)}`;
  if (kind === 'batch')
    return [
      time,
      `Send TPS: ${perSecond(requests)}`,
      `Send MPS: ${perSecond(messages)}`,
      maximum,
      mean,
      `Average Message RT(ms): ${average(responseMs, messages)}`,
      `Send Failed: ${end.sendFailed + end.responseFailed}`,
      `Send Message Failed: ${end.messagesFailed}`,
    ].join(' | ');
  if (kind === 'pull')
    return [
      time,
      `Pull TPS: ${perSecond(requests)}`,
      `Pull MPS: ${perSecond(messages)}`,
      maximum,
      mean,
      `Pull Failed: ${end.sendFailed + end.responseFailed}`,
    ].join(' | ');
  const failed = `Send Failed: ${end.sendFailed} Response Failed: ${end.responseFailed}`;
  return `${time} Send TPS: ${perSecond(requests)} ${maximum} ${mean} ${failed}`;
};

/** What a consumer's line covers. */
export interface Consumed {
  readonly nowMs: number;
  readonly seconds: number;
  readonly messages: number;
  readonly failed: number;
  /** From birth, and from the store, to the consumer. */
  readonly bornMsSum: number;
  readonly storeMsSum: number;
  readonly bornMsMax: number;
  readonly storeMsMax: number;
}

/**
 * A line of RocketMQ's own benchmark of a consumer.
 * @source rocketmq 4.9.2 example/benchmark/Consumer.java
 */
export const consumerLine = (consumed: Consumed): string => {
  const { messages, seconds, bornMsSum, storeMsSum } = consumed;
  const rate = seconds > 0 ? Math.floor(messages / seconds) : 0;
  return [
    `Current Time: ${consumed.nowMs} TPS: ${rate} FAIL: ${consumed.failed}`,
    `AVG(B2C) RT(ms): ${average(bornMsSum, messages)} AVG(S2C) RT(ms): ${average(storeMsSum, messages)}`,
    `MAX(B2C) RT(ms): ${Math.floor(consumed.bornMsMax)} MAX(S2C) RT(ms): ${Math.floor(consumed.storeMsMax)}`,
  ].join(' ');
};
