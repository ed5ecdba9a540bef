// Module of the helper threads: what they can run, by task name.
export { preparePart as 'storage.prepare' } from '../storage/index.ts';
