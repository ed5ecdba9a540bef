import { spawn } from 'node:child_process';
import * as assert from 'uvu/assert';
import { programOf, progressLine } from '../../src/cli/process-context.ts';
import { suite } from '../support/suite.ts';

const test = suite('process context');
const url = new URL('../../src/cli/process-context.js', import.meta.url).href;

/** Runs `body` with a real context in a process of its own. */
const run = (
  body: string,
  use: (child: ReturnType<typeof spawn>, line: string) => void,
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string }> =>
  new Promise((done) => {
    const script = `import { createProcessContext } from ${JSON.stringify(url)};
const context = createProcessContext({});
${body}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, ...env },
      timeout: 20_000,
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
      for (const line of String(chunk).trim().split('\n')) use(child, line);
    });
    child.on('close', (code) => done({ code, out }));
  });

test('standard input arrives line by line', async () => {
  const body = `context.out('ready');
for await (const line of context.readLines()) context.out('<' + line + '>');`;
  const { out } = await run(body, (child, line) => {
    if (line === 'ready') child.stdin?.end('one\r\ntwo\n\nlast');
  });
  assert.is(out, 'ready\n<one>\n<two>\n<>\n<last>\n');
});

test('a signal is handled until the handler is taken back', async () => {
  const body = `const end = context.onSignal((signal) => {
  end();
  context.out(signal);
});
setInterval(() => 0, 1000);
context.out('ready');`;
  const { code, out } = await run(body, (child, line) => {
    if (line === 'ready' || line === 'SIGTERM') child.kill('SIGTERM');
  });
  assert.is(out, 'ready\nSIGTERM\n');
  assert.is(code, null, 'the second signal had its usual effect');
});

test('the signal of tests is heard only where faults are allowed', async () => {
  const body = `context.onSignal((signal) => {
  context.out(signal);
  context.exit(7);
});
setInterval(() => 0, 1000);
context.out('ready');`;
  const use = (child: ReturnType<typeof spawn>, line: string): void => {
    if (line === 'ready') child.kill('SIGUSR2');
  };
  assert.equal(await run(body, use, { SATURNMQ_FAULTS: '1' }), {
    code: 7,
    out: 'ready\nSIGUSR2\n',
  });
  assert.equal(await run(body, use, { SATURNMQ_FAULTS: '' }), { code: null, out: 'ready\n' });
});

test('a reader that leaves ends the program quietly', async () => {
  const body = "setInterval(() => context.out('line'), 1);";
  const { code } = await run(body, (child) => void child.stdout?.destroy());
  assert.is(code, 0);
});

test('lines to copy call the program as it was called', () => {
  assert.is(programOf('/clone/bin/saturnmq.mjs', '/clone'), 'node bin/saturnmq.mjs');
  assert.is(programOf('/clone/bin/mqbroker.mjs', '/clone'), 'node bin/saturnmq.mjs');
  assert.is(programOf('/project/node_modules/.bin/saturnmq', '/project'), 'saturnmq');
  assert.is(programOf(undefined, '/project'), 'saturnmq');
});

test('a terminal has a line that is rewritten and cut to its width; a file has none', () => {
  const written: string[] = [];
  const stream = { isTTY: true, columns: 6, write: (text: string) => written.push(text) };
  progressLine(stream as unknown as NodeJS.WriteStream)?.('123456789');
  assert.equal(written, ['\r\x1b[2K12345']);
  const file = { isTTY: false } as unknown as NodeJS.WriteStream;
  assert.is(progressLine(file), undefined);
});
