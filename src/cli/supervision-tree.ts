/** A row of the tree: a thread, or an actor with what it supervises. */
interface TreeNode {
  readonly label: string;
  readonly state: string;
  readonly counters: readonly (number | undefined)[];
  readonly children: readonly TreeNode[];
}

type Facts = Readonly<Record<string, unknown>>;

const COUNTERS = ['handled', 'mailbox', 'refused', 'restarts', 'busyMs', 'deadLetters'] as const;
const HEADINGS = ['handled', 'mailbox', 'refused', 'restarts', 'busy ms', 'dead letters'] as const;
const DEPTH_MAX = 64;

// The tree comes from another process, perhaps of another version: what is missing is left blank.
const factsOf = (value: unknown): Facts =>
  typeof value === 'object' && value !== null ? { ...value } : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const countersOf = (facts: Facts): (number | undefined)[] =>
  COUNTERS.map((name) => {
    const counter = facts[name];
    return typeof counter === 'number' ? counter : undefined;
  });

/** An actor's id is the path to it; below its supervisor the last part is enough. */
const actorNode = (value: unknown, parentId: string, depth: number): TreeNode[] => {
  const facts = factsOf(value);
  const id = textOf(facts['id']);
  if (id === '' || depth > DEPTH_MAX) return [];
  return [
    {
      label: id.startsWith(`${parentId}/`) ? id.slice(parentId.length + 1) : id,
      state: textOf(facts['state']),
      counters: countersOf(facts),
      children: listOf(facts['children']).flatMap((child) => actorNode(child, id, depth + 1)),
    },
  ];
};

/** A thread: its restarts and dead letters, and the actors that its root supervises. */
const shardNode = (label: string, facts: Facts, tree: Facts): TreeNode => {
  const root = factsOf(tree['root']);
  return {
    label,
    state: textOf(facts['state'] ?? root['state']),
    counters: countersOf({ restarts: facts['restarts'], deadLetters: tree['deadLetters'] }),
    children: listOf(root['children']).flatMap((child) => actorNode(child, '', 0)),
  };
};

const readSystem = (value: unknown): TreeNode[] => {
  const system = factsOf(value);
  const shards = listOf(system['shards']).map((shard) => {
    const facts = factsOf(shard);
    return shardNode(`shard ${textOf(facts['name'])}`, facts, factsOf(facts['tree']));
  });
  const root = factsOf(system['root']);
  return [shardNode('root thread', {}, root), ...shards];
};

interface Row {
  readonly label: string;
  readonly cells: readonly string[];
}

const rowOf = ({ label, state, counters }: TreeNode, before: string): Row => ({
  label: `${before}${label}`,
  cells: [
    state,
    ...counters.map((counter) => (counter === undefined ? '' : String(Math.round(counter)))),
  ],
});

const rowsBelow = (nodes: readonly TreeNode[], indent: string): Row[] =>
  nodes.flatMap((node, index) => {
    const isLast = index === nodes.length - 1;
    return [
      rowOf(node, `${indent}${isLast ? '└─ ' : '├─ '}`),
      ...rowsBelow(node.children, `${indent}${isLast ? '   ' : '│  '}`),
    ];
  });

/** Draws the answer to the control request `inspect` as a table: threads, and actors below their supervisor. */
export const drawTree = (system: unknown): string[] => {
  const table: Row[] = [
    { label: 'actor', cells: ['state', ...HEADINGS] },
    ...readSystem(system).flatMap((node) => [rowOf(node, ''), ...rowsBelow(node.children, '')]),
  ];
  const labelWidth = Math.max(...table.map(({ label }) => label.length));
  const widths = ['state', ...HEADINGS].map((_, column) =>
    Math.max(...table.map(({ cells }) => (cells[column] ?? '').length)),
  );
  return table.map(({ label, cells }) => {
    const padded = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    return `${label.padEnd(labelWidth)}  ${padded.join('  ')}`.trimEnd();
  });
};
