// Short runs of broker deaths under a Java producer's load; the long ones are in kill.stress.ts.
import { surviveDeaths } from '../support/broker-deaths.ts';
import { interopSuite } from '../support/interop.ts';

const DEATHS = 3;
const LIMIT_MS = 240_000;

interopSuite('interop: broker deaths', (test, interop) => {
  for (const flushDiskType of ['ASYNC_FLUSH', 'SYNC_FLUSH'] as const) {
    test(
      `kill -9 under load loses no acknowledged message (${flushDiskType})`,
      () => surviveDeaths(interop, { deaths: DEATHS, flushDiskType, victim: 'process' }),
      LIMIT_MS,
    );
  }
  // A Java broker has no shards: its control run has nothing to test here.
  if (interop.target === 'java') return;
  test(
    'the death of the home shard under load loses no acknowledged message, and the process lives',
    () => surviveDeaths(interop, { deaths: DEATHS, flushDiskType: 'ASYNC_FLUSH', victim: 'shard' }),
    LIMIT_MS,
  );
});
