// Entry of a pool's helper threads: runs one task of a task module and answers with plain data.
import { type PlainError, toPlainError } from './plain-error.ts';

/** A task to run: an exported function of the module at `tasksUrl`. */
export interface TaskCall {
  readonly tasksUrl: string;
  readonly task: string;
  readonly argument: unknown;
}

/** How a task went; an error crosses as plain data, so that its code survives. */
export type TaskOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: PlainError };

/** Runs a task; never throws. */
export async function runTask({ tasksUrl, task, argument }: TaskCall): Promise<TaskOutcome> {
  try {
    const tasks = (await import(tasksUrl)) as Readonly<Record<string, unknown>>;
    const run = tasks[task];
    if (typeof run !== 'function') throw new TypeError(`${tasksUrl} has no task "${task}"`);
    return { ok: true, result: await run(argument) };
  } catch (error) {
    return { ok: false, error: toPlainError(error) };
  }
}
