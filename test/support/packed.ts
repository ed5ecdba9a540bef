import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { repositoryRoot } from './java.ts';

const LIMIT_MS = 120_000;

/** What `npm pack` says about the package. */
export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Runs a program that has to succeed, and returns its standard output. */
export const runIn = (cwd: string, command: string, args: readonly string[]): string => {
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  assert.is(status, 0, `${command} ${args.join(' ')}: ${signal ?? ''}\n${stdout}\n${stderr}`);
  return stdout;
};

/** Packs the package as npm would publish it into `folder`. */
export const packInto = (folder: string): Packed => {
  // Without scripts: the build that is being tested is the one that is packed.
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(runIn(repositoryRoot, 'npm', args)) as Packed[];
  if (packed === undefined) throw new Error('npm packed nothing');
  return packed;
};

/** Why `name` cannot be had from npm's registry; `undefined` where it can. */
export const registryProblem = (name: string): string | undefined => {
  const args = ['view', name, 'version', '--fetch-retries=1', '--fetch-timeout=20000'];
  const { status, stdout, stderr } = spawnSync('npm', args, {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  return status === 0 ? undefined : `npm view ${name}: ${`${stdout}${stderr}`.slice(0, 400)}`;
};

/** Makes an application in the folder `app`, and installs packages into it; no install script runs. */
export const installInto = (app: string, packages: readonly string[]): void => {
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true }\n');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  runIn(app, 'npm', ['install', '--ignore-scripts', ...quiet, ...packages]);
};
