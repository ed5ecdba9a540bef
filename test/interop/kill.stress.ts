// Thirty broker deaths in a row under a Java producer's load, in each flush mode, by process and by thread.
import { surviveDeaths } from '../support/broker-deaths.ts';
import { interopSuite } from '../support/interop.ts';

const DEATHS = 30;
const LIMIT_MS = 20 * 60_000;

interopSuite('interop: thirty broker deaths', (test, interop) => {
  for (const flushDiskType of ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const) {
    test(
      `kill -9 thirty times under load loses no acknowledged message (${flushDiskType})`,
      () => surviveDeaths(interop, { deaths: DEATHS, flushDiskType, victim: 'process' }),
      LIMIT_MS,
    );
    // A Java broker has no shards: its control run has nothing to test here.
    if (interop.target === 'java') continue;
    test(
      `thirty deaths of the home shard under load lose no acknowledged message (${flushDiskType})`,
      () => surviveDeaths(interop, { deaths: DEATHS, flushDiskType, victim: 'shard' }),
      LIMIT_MS,
    );
  }
});
