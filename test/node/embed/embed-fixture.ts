import { type NodeOptions, type SaturnNode, startNode } from '../../../src/node/index.ts';
import { withFolder } from '../node-fixture.ts';

const SEGMENT_BYTES = 4 * 1024 * 1024;

/** Options of a small node on free ports. */
export const embedOptions = (storePath: string, more: Partial<NodeOptions> = {}): NodeOptions => ({
  storePath,
  listen: { port: 0, namesrvPort: 0 },
  logger: false,
  ...more,
  broker: { mappedFileSizeCommitLog: SEGMENT_BYTES, ...more.broker },
});

/** Runs `body` with a node in a folder of its own. */
export const withEmbedded = (
  more: Partial<NodeOptions>,
  body: (node: SaturnNode, folder: string) => Promise<void>,
): Promise<void> =>
  withFolder(async (folder) => {
    const node = await startNode(embedOptions(folder, more));
    try {
      await body(node, folder);
    } finally {
      await node.close();
    }
  });
