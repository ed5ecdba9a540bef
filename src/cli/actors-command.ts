import { homedir } from 'node:os';
import { askControl, controlPathOf } from '../node/index.ts';
import type { OptionTable } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import type { RunCommand } from './cli-context.ts';
import { defaultStore } from './node-plan.ts';
import { drawTree } from './supervision-tree.ts';

/** Options of `saturnmq actors`. */
export const ACTORS_OPTIONS: OptionTable = {
  store: {
    value: 'folder',
    meaning:
      'Store of the running node, or the kvConfig folder of a name server (default ~/.saturnmq/store)',
  },
  json: { meaning: 'Print the tree as JSON' },
  help: { short: 'h', meaning: 'Print help' },
};

/** `saturnmq actors`: the supervision tree of a running node. */
export const runActors: RunCommand = async (args, context) => {
  const parsed = parseArguments(ACTORS_OPTIONS, args, 0);
  const path = controlPathOf(parsed.text('store') ?? defaultStore(homedir()));
  const tree = await askControl(path, { request: 'inspect' });
  if (parsed.has('json')) context.out(JSON.stringify(tree, undefined, 2));
  else drawTree(tree).forEach(context.out);
  return 0;
};
