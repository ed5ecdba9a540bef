import { type ActorDefinition, defineActor, Shard } from '../../src/actors/index.ts';
import type { ShardEnvironment } from '../../src/actors/shard.ts';
import {
  type Logger,
  ManualClock,
  ManualScheduler,
  seededRandom,
  silentLogger,
} from '../../src/base/index.ts';

/** A shard on a manual scheduler and clock, and what left it at the root. */
export interface ManualShard {
  readonly shard: Shard;
  readonly scheduler: ManualScheduler;
  readonly clock: ManualClock;
  readonly failures: unknown[];
  /** Runs everything that is due now. */
  settle(): void;
}

export const manualShard = (
  options: Partial<ShardEnvironment> & { readonly seed?: number } = {},
): ManualShard => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const failures: unknown[] = [];
  const logger: Logger = options.logger ?? silentLogger;
  const shard = new Shard({
    clock,
    scheduler,
    random: seededRandom(options.seed ?? 1),
    onFailed: (error) => failures.push(error),
    ...options,
    logger,
  });
  return { shard, scheduler, clock, failures, settle: () => scheduler.runDeferred() };
};

/** Messages of the scripted actor: each does one thing. */
export type Step =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'throw'; readonly text?: string }
  | { readonly kind: 'call'; readonly body: () => void };

export interface ScriptConfig {
  readonly id: string;
  /** Receives `id:start`, `id:stop:<reason>` and each note as `id:text`. */
  readonly trace: string[];
  /** How many starts fail after the first (negative: none). */
  readonly failStarts?: { left: number };
}

/** An actor that writes down what happens to it. */
export const scripted: ActorDefinition<ScriptConfig, Step> = defineActor({
  name: 'scripted',
  start({ id, trace, failStarts }) {
    if (failStarts !== undefined && failStarts.left > 0) {
      failStarts.left -= 1;
      trace.push(`${id}:start-failed`);
      throw new Error(`${id} does not start`);
    }
    trace.push(`${id}:start`);
    return {
      receive(step: Step) {
        if (step.kind === 'note') trace.push(`${id}:${step.text}`);
        else if (step.kind === 'call') step.body();
        else throw new Error(step.text ?? 'told to throw');
      },
      stop: (reason) => void trace.push(`${id}:stop:${reason}`),
    };
  },
});
