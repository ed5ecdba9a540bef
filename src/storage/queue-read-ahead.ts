import { UNIT_BYTES, UnitReader } from './queue-unit.ts';

/** Units fetched from a file at a time: a consumer that catches up asks for the next ones soon. */
export const READ_AHEAD_UNITS = 512;
/** Queues whose last fetch is kept. */
const SLOTS = 64;

/** What a fetch is made from. */
export interface UnitSource {
  /** Tells queues apart. */
  readonly serial: number;
  /** Changes when units of files are taken back. */
  readonly fileVersion: number;
  readFile(unit: number, count: number, reader: UnitReader): boolean;
}

interface Slot {
  readonly reader: UnitReader;
  source: UnitSource | undefined;
  fileVersion: number;
  firstUnit: number;
  count: number;
}

/**
 * The units last fetched from files, for a bounded number of queues. Units in a file do not change until the queue is cut
 * or restarted, which its `fileVersion` tells.
 */
export class QueueReadAhead {
  readonly #slots: (Slot | undefined)[] = new Array<Slot | undefined>(SLOTS).fill(undefined);

  /**
   * Points `target` at units of one file from `unit` on, of which `available` exist.
   * @returns how many it holds, at most `available`; 0 where the file is missing
   */
  read(source: UnitSource, unit: number, available: number, target: UnitReader): number {
    // hot path
    const index = source.serial % SLOTS;
    const slot = this.#slots[index] ?? this.#create(index);
    const isHit =
      slot.source === source &&
      slot.fileVersion === source.fileVersion &&
      unit >= slot.firstUnit &&
      unit < slot.firstUnit + slot.count;
    if (!isHit && !this.#fetch(slot, source, unit, available)) return 0;
    target.buffer = slot.reader.buffer;
    target.index = (unit - slot.firstUnit) * UNIT_BYTES;
    return Math.min(available, slot.firstUnit + slot.count - unit);
  }

  #fetch(slot: Slot, source: UnitSource, unit: number, available: number): boolean {
    const count = Math.min(available, READ_AHEAD_UNITS);
    slot.source = undefined;
    if (!source.readFile(unit, count, slot.reader)) return false;
    slot.source = source;
    slot.fileVersion = source.fileVersion;
    slot.firstUnit = unit;
    slot.count = count;
    return true;
  }

  #create(index: number): Slot {
    const slot: Slot = {
      reader: new UnitReader(),
      source: undefined,
      fileVersion: 0,
      firstUnit: 0,
      count: 0,
    };
    this.#slots[index] = slot;
    return slot;
  }
}
