export * from './disk-memory.ts';
export * from './fs-failure.ts';
export * from './storage-error.ts';
