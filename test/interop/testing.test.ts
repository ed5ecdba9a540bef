// The example for Java teams: Maven runs its JUnit test, which has npx start a broker from the packed package.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { prepareJava, repositoryRoot } from '../support/java.ts';
import { packInto, runIn } from '../support/packed.ts';
import { suite } from '../support/suite.ts';

const test = suite('interop: testing');
const CLAIM = 'a JUnit test sends to and consumes from a broker that npx started';
const MAVEN_MS = 240_000;
const LIMIT_MS = 10_000;
const UNRESOLVED =
  /Could not (resolve|transfer|find)|could not be resolved|PluginResolutionException/;

interface Ran {
  readonly status: number | null;
  readonly output: string;
  /** What surefire says about the test's class. */
  readonly report: string;
}

/** A cache of npm's in `folder`: it shares what was downloaded, and what npx unpacks goes with the folder. */
const npmCache = (folder: string): string => {
  const shared = join(runIn(folder, 'npm', ['config', 'get', 'cache']).trim(), '_cacache');
  mkdirSync(shared, { recursive: true });
  const cache = join(folder, 'npm');
  mkdirSync(cache);
  symlinkSync(shared, join(cache, '_cacache'));
  return cache;
};

const runMaven = (): Ran => {
  const folder = mkdtempSync(join(tmpdir(), 'saturnmq-java-'));
  try {
    const app = join(folder, 'app');
    cpSync(join(repositoryRoot, 'examples', 'java'), app, { recursive: true });
    const name = join(folder, packInto(folder).filename);
    const args = ['-q', '-B', '-f', join(app, 'pom.xml'), 'test', `-Dsaturnmq.package=${name}`];
    const { status, stdout, stderr } = spawnSync('mvn', args, {
      cwd: app,
      env: {
        ...process.env,
        npm_config_cache: npmCache(folder),
        npm_config_prefer_offline: 'true',
      },
      encoding: 'utf8',
      timeout: MAVEN_MS,
    });
    const output = `${stdout}${stderr}`;
    if (status !== 0) return { status, output, report: '' };
    const report = join(app, 'target', 'surefire-reports', 'TEST-orders.OrdersTest.xml');
    return { status, output, report: readFileSync(report, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const judge = ({ status, output, report }: Ran): void => {
  assert.is(status, 0, output);
  assert.match(report, /<testsuite [^>]*\btests="1" errors="0" skipped="0" failures="0"/);
};

const java = prepareJava();
const ran = java.kind === 'ready' ? runMaven() : undefined;
if (java.kind === 'missing') test.skip(CLAIM, java.reason);
else if (ran !== undefined && ran.status !== 0 && UNRESOLVED.test(ran.output))
  test.skip(CLAIM, ran.output.slice(0, 400));
else if (ran !== undefined) test(CLAIM, () => judge(ran), LIMIT_MS);
