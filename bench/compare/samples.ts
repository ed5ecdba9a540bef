import type { Metric, RowPlan, Sample, SystemName } from './plan.ts';

/** What was measured, or why a measurement does not count. */
export type Outcome =
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'void'; readonly reason: string };

/** A measurement that must not be counted: a send failed, or messages are missing. */
export class VoidError extends Error {}

/** The outcomes of one row, by system and round. */
export class RowSamples {
  readonly plan: RowPlan;
  readonly outcomes: Readonly<Record<SystemName, (Outcome | undefined)[]>> = {
    java: [],
    saturnmq: [],
  };

  readonly #say: (line: string) => void;

  constructor(plan: RowPlan, say: (line: string) => void = (line) => console.log(line)) {
    this.plan = plan;
    this.#say = say;
  }

  /** Runs one measurement, books what came of it and says it; an error other than a void one ends the bench, and says where. */
  async book(system: SystemName, round: number, measure: () => Promise<Sample>): Promise<Outcome> {
    let outcome: Outcome;
    try {
      outcome = { kind: 'sample', sample: await measure() };
    } catch (error) {
      if (!(error instanceof VoidError)) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`${this.plan.id}, ${system}, round ${round + 1}: ${message}`, {
          cause: error,
        });
      }
      outcome = { kind: 'void', reason: error.message };
    }
    this.outcomes[system][round] = outcome;
    const rounded = (value: unknown): unknown =>
      typeof value === 'number' ? Math.round(value * 100) / 100 : value;
    const facts =
      outcome.kind === 'void'
        ? outcome.reason
        : JSON.stringify(outcome.sample, (_, value: unknown) => rounded(value));
    this.#say(`round ${round + 1}, ${system}, ${this.plan.id}: ${outcome.kind} ${facts}`);
    return outcome;
  }

  /** Values of one figure by round; holes where the round is void or did not run. */
  values(system: SystemName, metric: Metric): (number | undefined)[] {
    return Array.from(this.outcomes[system], (outcome) =>
      outcome?.kind === 'sample' ? outcome.sample[metric] : undefined,
    );
  }

  /** Why measurements do not count, one line each. */
  voids(): string[] {
    return (['saturnmq', 'java'] as const).flatMap((system) =>
      this.outcomes[system].flatMap((outcome, round) =>
        outcome?.kind === 'void'
          ? [`${this.plan.id}, ${system}, round ${round + 1}: ${outcome.reason}`]
          : [],
      ),
    );
  }
}
