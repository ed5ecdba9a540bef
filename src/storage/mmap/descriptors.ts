import { loadLibc } from './libc.ts';
import type { MappingTable } from './mapping-table.ts';

/**
 * A second descriptor of an open socket or file, so that a shard can listen on it while the root keeps the first;
 * `undefined` where this platform offers none.
 * @throws errors of the system (`EBADF`, `EMFILE`).
 */
export function duplicateDescriptor(descriptor: number): number | undefined {
  const result = loadLibc();
  return 'libc' in result ? result.libc.duplicate(descriptor) : undefined;
}

/** Closes a descriptor made by `duplicateDescriptor` that nothing else owns. */
export function closeDescriptor(descriptor: number): void {
  const result = loadLibc();
  if ('libc' in result) result.libc.close(descriptor);
}

/**
 * Unmaps what the thread of `shard` left mapped; returns how many mappings that were. Call it after that thread's
 * `exit` event and never before: touching unmapped memory kills the process.
 * @thread root
 */
export function unmapAll(table: MappingTable, shard: number): number {
  const result = loadLibc();
  if (!('libc' in result)) return 0;
  const rows = table.takeAll(shard);
  for (const { address, bytes } of rows) result.libc.unmap(address, bytes);
  return rows.length;
}
