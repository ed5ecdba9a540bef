import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ClientNode,
  type ClientOptions,
  type SaturnNode,
  startNode,
} from '../../src/index.ts';

/** A node in this process, with a store of its own that goes with it. */
export interface EmbeddedNode {
  readonly node: SaturnNode;
  /** Where clients find it: through rings, or over TCP. */
  readonly where: ClientOptions;
  close(): Promise<void>;
}

/** How the node is started. */
export interface EmbeddedOptions {
  /** The disk to use. */
  readonly folder: string;
  /** Ports are opened; clients of this process may use them as well. */
  readonly listens?: boolean;
  readonly isTcp?: boolean;
  readonly spinUs?: number;
}

/** Starts a node inside this process. */
export const openEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedNode> => {
  const { folder, listens = false, isTcp = false, spinUs } = options;
  const storePath = mkdtempSync(join(folder, 'saturnmq-embedded-'));
  const node = await startNode({
    storePath,
    listen: listens || isTcp ? { port: 0, namesrvPort: 0 } : false,
    logger: false,
    ...(spinUs === undefined ? {} : { spinUs }),
  });
  return {
    node,
    where: isTcp ? { namesrvAddr: node.namesrvAddr } : { node: node as unknown as ClientNode },
    close: async () => {
      await node.close();
      rmSync(storePath, { recursive: true, force: true });
    },
  };
};
