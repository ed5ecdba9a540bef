/** Stateless heavy work, done off the shard's loop. Tasks are named; arguments and results are plain data. */
export interface Pool {
  /** Runs `task` on a helper thread; `done` is called on the caller's thread in a later turn. */
  run(
    task: string,
    argument: unknown,
    done: (error: Error | undefined, result?: unknown) => void,
  ): void;
}
