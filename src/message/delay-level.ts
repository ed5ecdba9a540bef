import { MessageError } from './errors.ts';

/** RocketMQ's default delays, level 1 first. */
export const DELAY_LEVELS_DEFAULT = '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h';

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Delays by level; level 1 is the first. */
export interface DelayLevels {
  readonly levelMax: number;
  /** Delay of `level` in milliseconds; a level above the largest counts as the largest, 0 and below as no delay. */
  delayMs(level: number): number;
}

/**
 * Reads `messageDelayLevel`: `1s 5s 1m`, separated by exactly one blank.
 * @throws {MessageError} DELAY_LEVELS_MALFORMED: a broker with such a setting must not start.
 * @source rocketmq 4.9.2 store/schedule/ScheduleMessageService.java parseDelayLevel
 */
export function parseDelayLevels(text: string): DelayLevels {
  const delaysMs = text.split(' ').map((item) => {
    const unitMs = UNIT_MS[item.slice(-1)];
    const count = item.slice(0, -1);
    if (unitMs === undefined || !/^[+-]?\d+$/.test(count)) {
      throw new MessageError(
        'DELAY_LEVELS_MALFORMED',
        `messageDelayLevel "${text}": "${item}" is not a number followed by s, m, h or d`,
        { item },
      );
    }
    return Number(count) * unitMs;
  });
  return {
    levelMax: delaysMs.length,
    delayMs: (level) => (level <= 0 ? 0 : (delaysMs[Math.min(level, delaysMs.length) - 1] ?? 0)),
  };
}
