import type { RootOptions, RunningRoot } from './root-options.ts';

/** `startRoot`, whose code is loaded by the first call: an application that embeds a node never needs it. */
export const startRoot = async (options: RootOptions): Promise<RunningRoot> =>
  (await import('./start-root.ts')).startRoot(options);
