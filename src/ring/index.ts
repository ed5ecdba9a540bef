export * from './doorbell.ts';
export * from './errors.ts';
export * from './fan-in.ts';
export { createRing, DOORBELL_BYTES, RING_BYTES_MAX, RING_BYTES_MIN } from './layout.ts';
export * from './ring-reader.ts';
export * from './ring-writer.ts';
