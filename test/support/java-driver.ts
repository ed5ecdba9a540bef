import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { JVM_OPENINGS } from './java.ts';

const CALL_LIMIT_MS = 120_000;
const STDERR_TAIL_BYTES = 16 * 1024;

/** What a consumer booked; see Ledger.java. Every `…Breaks` must be 0. */
export interface LedgerFacts {
  readonly received: number;
  readonly distinct: number;
  readonly duplicates: number;
  /** Body, hash property or key not as sent. */
  readonly contentBreaks: number;
  /** Lanes whose queue offsets do not grow with their sequence. */
  readonly storeBreaks: number;
  /** Messages that arrived out of their lane's sequence. */
  readonly deliveryBreaks: number;
  /** Lanes found in more than one queue. */
  readonly mixedLanes: number;
  readonly foreign: number;
  /** Order-independent sum over the hashes of the distinct bodies. */
  readonly sum: string;
  readonly perQueue: Readonly<Record<string, number>>;
  readonly perTag: Readonly<Record<string, number>>;
}

/** What `verify` adds: the messages a loader's file lists, and how many of those the broker did not serve. */
export interface VerifyFacts extends LedgerFacts {
  readonly acknowledged: number;
  readonly missing: number;
  readonly missingExamples: readonly string[];
}

export interface ProduceFacts {
  readonly acknowledged: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly perQueue: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
  readonly sum: string;
  /** Of the first acknowledged message. */
  readonly msgId: string;
  readonly offsetMsgId: string;
  readonly queueId: number;
  readonly queueOffset: number;
}

export interface LoadFacts {
  readonly acknowledged: number;
  readonly attempts: number;
  /** Longest time without an acknowledgement since the gap was last reset. */
  readonly gapMsMax: number;
  readonly firstError?: string;
  readonly lastError?: string;
}

/** A command that failed in the JVM; `responseCode` is the broker's or name server's where there is one, else −1. */
export class DriverError extends Error {
  readonly responseCode: number;

  constructor(command: string, message: string, responseCode: number) {
    super(`${command}: ${message}`);
    this.name = 'DriverError';
    this.responseCode = responseCode;
  }
}

/** One JVM with unmodified RocketMQ clients in it, serving any number of commands at a time. */
export interface JavaDriver {
  call<R>(command: string, facts: object, limitMs?: number): Promise<R>;
  stop(): Promise<void>;
  /** Ends the JVM as a crash would: its sockets close, and nothing says good-bye. */
  kill9(): Promise<void>;
}

interface Pending {
  readonly command: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly code?: number;
}

/** Starts the driver's JVM. */
export const startJavaDriver = async (classPath: string): Promise<JavaDriver> => {
  const home = mkdtempSync(join(tmpdir(), 'saturnmq-driver-'));
  const child = spawn('java', driverArguments(classPath, home), {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: home,
  });
  const pending = new Map<number, Pending>();
  let stderrTail = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderrTail = (stderrTail + chunk.toString()).slice(-STDERR_TAIL_BYTES);
  });
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', (line) => settle(pending, line));
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  void ended.then(() => {
    rmSync(home, { recursive: true, force: true });
    for (const { command, reject, timer } of pending.values()) {
      clearTimeout(timer);
      reject(new DriverError(command, `the driver's JVM is gone\n${stderrTail}`, -1));
    }
    pending.clear();
  });

  let nextId = 1;
  const call = <R>(command: string, facts: object, limitMs = CALL_LIMIT_MS): Promise<R> =>
    new Promise<R>((resolve, reject) => {
      const id = nextId;
      nextId += 1;
      const timer = setTimeout(() => {
        pending.delete(id);
        reject(new DriverError(command, `no answer within ${limitMs} ms\n${stderrTail}`, -1));
      }, limitMs);
      pending.set(id, { command, resolve: (result) => resolve(result as R), reject, timer });
      child.stdin.write(`${JSON.stringify({ ...facts, id, command })}\n`);
    });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  const kill9 = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  await call('ready', {});
  return { call, stop, kill9 };
};

const driverArguments = (classPath: string, home: string): string[] => [
  '-Xms128m',
  '-Xmx768m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  ...JVM_OPENINGS,
  `-Duser.home=${home}`,
  `-Drocketmq.client.localOffsetStoreDir=${join(home, 'offsets')}`,
  `-Drocketmq.client.logRoot=${join(home, 'logs')}`,
  '-Drocketmq.client.logLevel=WARN',
  '-cp',
  classPath,
  'saturnmq.interop.Driver',
];

const settle = (pending: Map<number, Pending>, line: string): void => {
  const answer = JSON.parse(line) as Answer;
  const waiting = pending.get(answer.id);
  if (waiting === undefined) return;
  pending.delete(answer.id);
  clearTimeout(waiting.timer);
  if (answer.error === undefined) waiting.resolve(answer.result);
  else waiting.reject(new DriverError(waiting.command, answer.error, answer.code ?? -1));
};
