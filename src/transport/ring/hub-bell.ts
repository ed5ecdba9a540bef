import type { Scheduler } from '../../base/index.ts';
import { Doorbell, type DoorbellConsumer } from '../../ring/index.ts';

/** Another thread's doorbell. */
export interface FarBell {
  /** Wakes the consumer if it sleeps; whether it did. */
  ring(): boolean;
}

/** How a hub sleeps and wakes other threads: see `Doorbell`. */
export interface HubBell extends FarBell {
  /** Sleeps until somebody rings; false when there is work already. */
  park(onWake: () => void): boolean;
  /** The thread runs for another reason, and will look for work before it sleeps: nobody need wake it. */
  unpark(): void;
  close(): void;
}

/** Makes one side of a doorbell: the consumer's where `consumer` is given. */
export type OpenBell = (memory: SharedArrayBuffer, consumer?: DoorbellConsumer) => HubBell;

/** The doorbells of real threads. */
export const openDoorbell: OpenBell = (memory, consumer) => new Doorbell(memory, consumer);

/** Doorbells for hubs that share one thread and a scheduler, such as a simulated one: who is rung runs in a later turn. */
export function scheduledBells(scheduler: Scheduler): OpenBell {
  const sleepers = new WeakMap<SharedArrayBuffer, () => void>();
  return (memory, consumer) => ({
    ring() {
      const onWake = sleepers.get(memory);
      if (onWake === undefined) return false;
      sleepers.delete(memory);
      scheduler.defer(onWake);
      return true;
    },
    park(onWake) {
      if (consumer?.hasWork() === true) return false;
      sleepers.set(memory, onWake);
      return true;
    },
    unpark: () => void sleepers.delete(memory),
    close: () => void sleepers.delete(memory),
  });
}
