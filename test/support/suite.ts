import { suite as uvuSuite } from 'uvu';

type TestBody = () => void | Promise<void>;

/** Registers tests of one file. Each has a time limit; the file runs itself and reports what it ran to the runner. */
export interface Suite {
  (name: string, body: TestBody, limitMs?: number): void;
  /** Records a test this machine cannot run, with the reason; the runner prints it and CI refuses it. */
  skip(name: string, reason: string): void;
}

const TEST_LIMIT_MS = 30_000;
/** After the last test: time for the summary. Left to itself Node 20 hangs now and then at its end (nodejs/node#54918). */
const EXIT_MS = 20;
let registered = 0;
let finished = 0;
let failed = 0;
const skipped: { name: string; reason: string }[] = [];

/** uvu prints `details` of an error as lines of text; ours hold facts, which would hide the message. */
const readable = (error: unknown): unknown => {
  if (!(error instanceof Error) || !('details' in error) || typeof error.details === 'string') {
    return error;
  }
  const facts = JSON.stringify(error.details);
  return new Error(`${error.name}: ${error.message} ${facts}`, { cause: error });
};

const withLimit = async (name: string, body: TestBody, limitMs: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${name}" ran longer than ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([Promise.resolve().then(body), limit]);
    finished += 1;
  } catch (error) {
    failed += 1;
    throw readable(error);
  } finally {
    clearTimeout(timer);
    if (finished + failed === registered) setTimeout(() => process.exit(), EXIT_MS);
  }
};

/** Starts a suite; the file's tests run by themselves once it is loaded. */
export const suite = (title: string): Suite => {
  const tests = uvuSuite(title);
  const add = (name: string, body: TestBody, limitMs = TEST_LIMIT_MS): void => {
    registered += 1;
    tests(name, () => withLimit(name, body, limitMs));
  };
  const skip = (name: string, reason: string): void => {
    skipped.push({ name, reason });
  };
  setImmediate(() => tests.run());
  return Object.assign(add, { skip });
};

process.on('exit', (code) => {
  // A test that never ended (a lost wake-up, an unresolved promise) leaves fewer finished than registered.
  const lost = registered - finished - failed;
  const report = { passed: finished, failed: failed + lost, skipped };
  process.stdout.write(`\n##suite ${JSON.stringify(report)}\n`);
  if (code === 0 && report.failed > 0) process.exitCode = 1;
});
