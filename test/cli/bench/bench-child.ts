import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '../../support/child.ts';

const ARGS = [fileURLToPath(new URL('./cli.child.js', import.meta.url))];
const READY_MS = 30_000;
const COMMAND_MS = 25_000;

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A `saturnmq` command in a process of its own, from the build that is tested. */
export const spawnCommand = (
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } => {
  const child = spawn(process.execPath, [...ARGS, ...args], {
    timeout: COMMAND_MS,
    env: { ...process.env, ...environment },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code) => done({ code, out, err }));
  });
  return { child, ended };
};

/** A running node. */
export interface Servers {
  readonly namesrvAddr: string;
  readonly brokerAddr: string;
  readonly child: Child;
}

/** Name server and broker in a process of their own. */
export const startServers = async (
  store: string,
  args: readonly string[] = [],
): Promise<Servers> => {
  const start = ['start', '--store', store, '--broker-port', '0', '--namesrv-port', '0'];
  const child = await startChild({
    name: 'saturnmq start',
    command: process.execPath,
    args: [...ARGS, ...start, ...args],
    ready: /The broker\[.*boot success[\s\S]*store /,
    readyLimitMs: READY_MS,
  });
  const find = (pattern: RegExp): string => child.output().match(pattern)?.[1] ?? '';
  return {
    namesrvAddr: find(/name server\s+(127\.0\.0\.1:\d+)/),
    brokerAddr: find(/ {2}broker\s+(127\.0\.0\.1:\d+)/),
    child,
  };
};
