/** One actor of a node, with its counters and what it supervises. */
interface TreeNode {
  readonly id: string;
  readonly state: string;
  readonly counters: readonly (number | undefined)[];
  readonly children: readonly TreeNode[];
}

const COUNTERS = ['handled', 'mailbox', 'restarts', 'busyMs', 'deadLetters'] as const;
const HEADINGS = ['handled', 'mailbox', 'restarts', 'busy ms', 'dead letters'] as const;
const DEPTH_MAX = 64;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The tree comes from another process, perhaps of another version: what is missing is left blank. */
const readNode = (value: unknown, depth = 0): TreeNode[] => {
  if (Array.isArray(value)) return value.flatMap((item) => readNode(item, depth));
  if (!isRecord(value) || depth > DEPTH_MAX) return [];
  const counters = COUNTERS.map((name) => {
    const counter = value[name];
    return typeof counter === 'number' ? counter : undefined;
  });
  return [
    {
      id: String(value['id'] ?? value['name'] ?? '?'),
      state: String(value['state'] ?? ''),
      counters,
      children: readNode(value['children'], depth + 1),
    },
  ];
};

interface Row {
  readonly label: string;
  readonly cells: readonly string[];
}

const rows = (nodes: readonly TreeNode[], indent: string, isRoot: boolean): Row[] =>
  nodes.flatMap((node, index) => {
    const isLast = index === nodes.length - 1;
    const branch = isRoot ? '' : isLast ? '└─ ' : '├─ ';
    const cells = [
      node.state,
      ...node.counters.map((counter) => (counter === undefined ? '' : String(Math.round(counter)))),
    ];
    const below = isRoot ? '' : `${indent}${isLast ? '   ' : '│  '}`;
    return [{ label: `${indent}${branch}${node.id}`, cells }, ...rows(node.children, below, false)];
  });

/** Draws the answer to the control request `inspect` as a table, children below their supervisor. */
export const drawTree = (tree: unknown): string[] => {
  const table: Row[] = [
    { label: 'actor', cells: ['state', ...HEADINGS] },
    ...rows(readNode(tree), '', true),
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
