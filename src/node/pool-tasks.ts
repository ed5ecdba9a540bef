// Module of the helper threads: what they can run, by task name.
import { createPreparePart } from '../storage/index.ts';

const preparePart = createPreparePart();

export { preparePart as 'storage.prepare' };
