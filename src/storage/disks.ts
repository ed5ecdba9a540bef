export { createFileDisk, FileDisk, type FileDiskOptions } from './disk-file.ts';
export {
  createDisk,
  createMappedDisk,
  MappedDisk,
  type MappedDiskOptions,
} from './disk-mapped.ts';
export { MemoryDisk, type MemoryDiskOptions, type PowerCut } from './disk-memory.ts';
export type { FolderSetting } from './fs-failure.ts';
export { closeDescriptor, duplicateDescriptor, unmapAll } from './mmap/descriptors.ts';
export type { MappingOwner } from './mmap/mapping.ts';
export { MAPPINGS_MAX, MappingTable } from './mmap/mapping-table.ts';
export { PREPARE_TASK, type PreparePart, preparePart } from './mmap/prepare.task.ts';
export { StorageError, type StorageErrorCode } from './storage-error.ts';
