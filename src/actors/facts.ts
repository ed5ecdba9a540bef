import type { ActorCell, ActorState } from './cell.ts';

/** One actor of the live supervision tree, as plain data. */
export interface ActorFacts {
  /** Path from the shard's root; empty for the root itself. */
  readonly id: string;
  /** Name of its definition. */
  readonly actor: string;
  readonly state: ActorState;
  /** Messages handled since the actor was spawned, over all incarnations. */
  readonly handled: number;
  /** Messages waiting. */
  readonly mailbox: number;
  readonly mailboxMax: number;
  /** Messages refused because the mailbox was full. */
  readonly refused: number;
  readonly restarts: number;
  /** Time in `receive`, what it told others at once included; estimated from samples. */
  readonly busyMs: number;
  /** What the actor says about itself (`inspect` of its behavior). */
  readonly facts?: object;
  readonly children: readonly ActorFacts[];
}

/** What a thread says about itself. */
export interface ThreadFacts {
  readonly threadId: number;
  readonly heapUsedBytes: number;
  readonly uptimeMs: number;
}

/** The live supervision tree of one shard, as plain data. */
export interface ShardFacts {
  readonly shard: string;
  /** Messages to actors that are gone. */
  readonly deadLetters: number;
  /** Questions without an answer yet. */
  readonly asks: number;
  readonly thread?: ThreadFacts;
  readonly root: ActorFacts;
}

/** Reads an actor and everything below it. */
export const factsOf = (cell: ActorCell<never>): ActorFacts => {
  const facts = inspectSafely(cell);
  return {
    id: cell.id,
    actor: cell.spec.actorName,
    state: cell.state,
    handled: cell.handled,
    mailbox: cell.mailbox.length,
    mailboxMax: cell.spec.mailboxMax,
    refused: cell.refused,
    restarts: cell.restarts,
    busyMs: cell.busyMs,
    ...(facts === undefined ? {} : { facts }),
    children: [...(cell.retired?.values() ?? []), ...(cell.children?.values() ?? [])].map(factsOf),
  };
};

/** An actor whose `inspect` throws, or returns what cannot be copied, must not hide the rest of the tree. */
const inspectSafely = (cell: ActorCell<never>): object | undefined => {
  if (!cell.isAlive) return undefined;
  try {
    return structuredClone(cell.behavior.inspect?.());
  } catch (error) {
    return { error: String(error) };
  }
};
