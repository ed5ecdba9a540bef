/** A node of a V8 CPU profile; see the DevTools protocol, domain Profiler. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** What `--cpu-prof` writes: nodes, and one of their ids and one stretch of microseconds for each sample. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const IDLE = 'idle';
const OTHER = 'other';
const SCANNED = 'header scanned';

/** Path of a module below `src/`, or a name in parentheses, and the stage its own time belongs to. First match counts. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/^protocol\/frame/, 'frames cut from the stream'],
  [/^protocol\/(request-view|scan|skeleton|text-cache|slots|json-bytes)/, SCANNED],
  [/^broker\/(send-admission|topic-table|subscription-group)/, 'admission'],
  [/^message\/(send-properties|properties|tags)/, 'properties'],
  [/^storage\/(consume-queue|queue-|dispatcher)/, 'consume queue'],
  [/^storage\/(get-messages|log-reader|cold-reads|body-reader|mmap)/, 'mapped log: pages, copies'],
  [/^(storage|message\/(record|batch)|base\/crc32)/, 'record encoded, copied, summed'],
  [/^(broker\/(send-answer|pull-answer)|protocol\/(hot-response|positional))/, 'answer written'],
  [/^(broker|actors)\//, 'routing, processor, queue actor'],
  [/^(transport|node)\//, 'connection'],
  [/^native:(writeBuffer|writev|writeUtf8String|shutdown)/, 'socket written (kernel)'],
  [/^\(garbage collector\)/, 'garbage collection'],
  [/^\(program\)/, 'event loop, socket read (kernel)'],
  // Buffers and checksums are the work of whoever asked for them.
  [/^node:(?!buffer|zlib|internal\/(?:buffer|validators|util))/, 'node streams'],
  [/^\(idle\)/, IDLE],
];

/** `storage/appender.js` for our modules, `node:net` for Node's, `(idle)` and the like, `native:name` without a module. */
const placeOf = ({ functionName, url }: ProfileNode['callFrame']): string => {
  if (url === '') return functionName.startsWith('(') ? functionName : `native:${functionName}`;
  return /\/src\/(.+)$/.exec(url)?.[1] ?? url;
};

const ownStage = (node: ProfileNode): string | undefined => {
  const place = placeOf(node.callFrame);
  return RULES.find(([pattern]) => pattern.test(place))?.[1];
};

/**
 * Microseconds of each stage, longest first, without idle time, in the last `windowMs` of work before the profile's last
 * request. What no rule knows belongs to its caller's stage.
 */
export const stagesOf = (profile: CpuProfile, windowMs: number): Map<string, number> => {
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const stages = new Map<number, string>();
  const pending: { readonly id: number; readonly above: string }[] = [];
  const root = profile.nodes[0];
  if (root !== undefined) pending.push({ id: root.id, above: OTHER });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const node = byId.get(next.id);
    if (node === undefined) continue;
    const stage = ownStage(node) ?? next.above;
    stages.set(node.id, stage);
    for (const id of node.children ?? []) pending.push({ id, above: stage });
  }
  const { samples, timeDeltas } = profile;
  const totals = new Map<string, number>();
  let leftMicroseconds = windowMs * 1000;
  let index = samples.findLastIndex((id) => stages.get(id) === SCANNED);
  for (; index >= 0 && leftMicroseconds > 0; index--) {
    const stage = stages.get(samples[index] ?? 0) ?? OTHER;
    const time = timeDeltas[index] ?? 0;
    leftMicroseconds -= time;
    if (stage !== IDLE) totals.set(stage, (totals.get(stage) ?? 0) + time);
  }
  return new Map([...totals].sort(([, left], [, right]) => right - left));
};

/** Whether the profile is that of a broker's home shard. */
export const isHomeShard = ({ nodes }: CpuProfile): boolean =>
  nodes.some(({ callFrame }) => /\/src\/broker\/request-router/.test(callFrame.url));
