import type { Clock } from '../base/index.ts';

/** Names one state of a configuration table; name servers compare it to skip unchanged registrations. */
export interface DataVersion {
  readonly counter: number;
  /** Milliseconds of the last change. */
  readonly timestamp: number;
}

/** The version after one more change. */
export const nextVersion = (version: DataVersion, clock: Clock): DataVersion => ({
  counter: version.counter + 1,
  timestamp: clock.now(),
});
