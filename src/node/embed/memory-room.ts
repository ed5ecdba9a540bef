import { existsSync, readFileSync } from 'node:fs';
import { NodeError } from '../node-error.ts';

/** What is left of the memory that this process may have; `Infinity` where nothing limits it or nothing is known. */
export interface MemoryRoom {
  /** Of the container's memory. */
  readonly bytes: number;
  /** Of the addresses that `ulimit -v` allows. */
  readonly addressBytes: number;
}

const MIB = 1024 * 1024;
/** What a node and each of its threads take at least before there is a message. */
const NODE_BYTES = 32 * MIB;
const THREAD_BYTES = 8 * MIB;
/** V8 reserves so much for each thread, and ends the process where it cannot: nobody can catch that. */
const THREAD_ADDRESS_BYTES = 640 * MIB;
/** A helper, or the successor of a thread that died. */
const THREADS_MORE = 1;

const STATUS = '/proc/self/status';
const LIMITS = '/proc/self/limits';

const numberIn = (text: string, pattern: RegExp): number =>
  Number(text.match(pattern)?.[1] ?? Number.NaN);

/** Reads it for this process; only Linux says anything. */
export const readMemoryRoom = (): MemoryRoom => {
  if (!existsSync(STATUS) || !existsSync(LIMITS))
    return { bytes: Infinity, addressBytes: Infinity };
  const status = readFileSync(STATUS, 'latin1');
  const addressMax = numberIn(readFileSync(LIMITS, 'latin1'), /^Max address space +(\d+)/m);
  return roomOf({
    memoryMax: process.constrainedMemory(),
    anonymousBytes: numberIn(status, /^RssAnon:\s+(\d+) kB/m) * 1024,
    addressMax,
    addressBytes: numberIn(status, /^VmSize:\s+(\d+) kB/m) * 1024,
  });
};

/** Numbers as the operating system has them; `NaN`, 0 and what no number holds exactly stand for "no limit". */
export interface MemoryFacts {
  readonly memoryMax: number;
  readonly anonymousBytes: number;
  readonly addressMax: number;
  readonly addressBytes: number;
}

/** What the limits leave. */
export const roomOf = (facts: MemoryFacts): MemoryRoom => ({
  bytes: left(facts.memoryMax, facts.anonymousBytes),
  addressBytes: left(facts.addressMax, facts.addressBytes),
});

const left = (max: number, used: number): number =>
  max > 0 && max <= Number.MAX_SAFE_INTEGER && used >= 0 ? max - used : Infinity;

/**
 * Refuses to start threads where the process would be killed for it, which is the one end that nobody can be told of.
 * @throws {NodeError} OUT_OF_MEMORY
 */
export const requireMemory = (threads: number, { bytes, addressBytes }: MemoryRoom): void => {
  const needed = NODE_BYTES + threads * THREAD_BYTES;
  if (bytes < needed)
    throw outOfMemory(
      bytes,
      needed,
      'of memory',
      'raise the limit of its container, or start fewer shards',
    );
  const addressesNeeded = (threads + THREADS_MORE) * THREAD_ADDRESS_BYTES;
  if (addressBytes < addressesNeeded)
    throw outOfMemory(
      addressBytes,
      addressesNeeded,
      'of address space',
      'raise or lift `ulimit -v`, or start fewer shards',
    );
};

const outOfMemory = (room: number, needed: number, what: string, remedy: string): NodeError => {
  const mib = (bytes: number): number => Math.max(0, Math.floor(bytes / MIB));
  const facts = { leftMib: mib(room), neededMib: mib(needed) };
  return new NodeError(
    'OUT_OF_MEMORY',
    `the node needs at least ${facts.neededMib} MiB ${what}, and this process has ${facts.leftMib} MiB left; ${remedy}`,
    facts,
  );
};
