export * from './ring-pair.ts';
