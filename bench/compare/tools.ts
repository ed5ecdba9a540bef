import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../test/support/java.ts';

/** Where compiled tools are kept between runs. */
export const toolCache = join(repositoryRoot, '.cache', 'bench');

/** Compiles `bench/tools/<name>.c` where the program is missing or older than its source. */
export const buildTool = (name: 'rmqload' | 'syncload'): string => {
  const source = join(repositoryRoot, 'bench', 'tools', `${name}.c`);
  const binary = join(toolCache, name);
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(source).mtimeMs) return binary;
  mkdirSync(toolCache, { recursive: true });
  const work = `${binary}.${process.pid}`;
  const built = spawnSync('cc', ['-O2', '-o', work, source], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`cc failed: ${built.error?.message ?? built.stderr}`);
  renameSync(work, binary);
  return binary;
};
