import type { Disk } from '../base/index.ts';
import { FileDisk } from './disk-file.ts';
import { MappedDisk, type MappedDiskOptions } from './disk-mapped.ts';
import { type LibcResult, loadLibc } from './mmap/libc.ts';

export { createFileDisk, FileDisk, type FileDiskOptions } from './disk-file.ts';
export { createMappedDisk, MappedDisk, type MappedDiskOptions } from './disk-mapped.ts';
export { MemoryDisk, type MemoryDiskOptions, type PowerCut } from './disk-memory.ts';
export type { FolderSetting } from './fs-failure.ts';
export { closeDescriptor, duplicateDescriptor, unmapAll } from './mmap/descriptors.ts';
export { createYieldCore } from './mmap/libc.ts';
export type { MappingOwner } from './mmap/mapping.ts';
export { MAPPINGS_MAX, MappingTable } from './mmap/mapping-table.ts';
export { createPreparePart, PREPARE_TASK, type PreparePart } from './mmap/prepare.task.ts';
export { StorageError, type StorageErrorCode } from './storage-error.ts';

/** The mapped backend where it works, else the file backend; the log says which and why. */
export function createDisk(
  options: MappedDiskOptions,
  load: () => LibcResult = () => loadLibc(),
): Disk {
  const result = load();
  if ('libc' in result) return new MappedDisk(result.libc, options);
  options.logger.warn(
    { reason: result.reason },
    'the commit log is read and written in pieces, it cannot be mapped',
  );
  return new FileDisk(options);
}
