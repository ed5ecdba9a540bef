import type { ClientOptions } from '../../client/index.ts';
import type { Embedded } from './bench-options.ts';
import { type BenchPart, latencyOf } from './bench-result.ts';
import { measurePull, measurePush, type ReadPlan } from './embedded-reads.ts';
import { type Measured, measureSends, type SendPlan } from './embedded-sends.ts';
import type { Recorder } from './recorder.ts';
import type { LoadKind } from './stat-lines.ts';

/** A run against one node. */
export interface PartsRun {
  readonly embedded: Embedded;
  readonly where: ClientOptions;
  /** Begins the names of topics; none may exist yet. */
  readonly prefix: string;
  readonly stop: AbortSignal;
  /** Called before each measurement; what it returns is called while it runs. */
  readonly onPart: (name: string, kind: LoadKind) => (seconds: number, recorder: Recorder) => void;
}

/** A measurement that is over. */
export interface MeasuredPart extends Measured {
  readonly name: string;
}

interface Step {
  readonly name: string;
  readonly kind: LoadKind;
  measure(onTick: SendPlan['onTick']): Promise<Measured>;
}

/** Topics that a run creates. */
export const topicsOf = (prefix: string) => ({
  single: `${prefix}_single`,
  batch: `${prefix}_batch`,
  one: `${prefix}_one`,
});

const stepsOf = ({ embedded, where, prefix, stop }: PartsRun): Step[] => {
  const { seconds, warmSeconds, quantity, bodyBytes, inFlight, batchSize, batches } = embedded;
  const topics = topicsOf(prefix);
  const common = { where, bodyBytes, stop };
  const bounds = { seconds, warmSeconds, quantity };
  const send = (topic: string, lanes: number, batch: number) => (onTick: SendPlan['onTick']) =>
    measureSends({ ...common, ...bounds, topic, lanes, batch, onTick });
  const read =
    (topic: string, measure: (plan: ReadPlan) => Promise<Measured>) =>
    (onTick: ReadPlan['onTick']) =>
      measure({ ...common, topic, onTick });
  return [
    { name: 'single sends', kind: 'producer', measure: send(topics.single, inFlight, 1) },
    { name: 'batches', kind: 'batch', measure: send(topics.batch, batches, batchSize) },
    { name: 'pull consumer', kind: 'pull', measure: read(topics.batch, measurePull) },
    { name: 'push consumer', kind: 'pull', measure: read(topics.single, measurePush) },
    { name: 'one send at a time', kind: 'producer', measure: send(topics.one, 1, 1) },
  ];
};

/** Measures one thing after the other, until one of them fails or `stop` says so; each is put into `parts` once it is over. */
export const measureParts = async (run: PartsRun, parts: MeasuredPart[]): Promise<void> => {
  for (const { name, kind, measure } of stepsOf(run)) {
    const measured = await measure(run.onPart(name, kind));
    parts.push({ name, ...measured });
    const { recorder, end } = measured;
    if (run.stop.aborted || end.problem !== undefined || recorder.failed > 0) return;
  }
};

/** A measurement as one of several of a result. */
export const partOf = ({ name, recorder, end }: MeasuredPart): BenchPart => {
  const { messages, latency } = recorder;
  return {
    name,
    messages,
    messagesPerSecond: end.seconds > 0 ? Math.round(messages / end.seconds) : 0,
    ...(messages > 0
      ? { cpuUsPerMessage: Math.round((end.cpuMicros / messages) * 1000) / 1000 }
      : {}),
    ...(latency.count > 0 ? latencyOf(latency) : {}),
  };
};
