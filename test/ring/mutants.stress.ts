// Tests the tests: each line of code below is broken in a copy of the compiled ring, and the tests must notice.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ok } from 'uvu/assert';
import { suite } from '../support/suite.ts';

const test = suite('ring mutants');
const MUTANT_LIMIT_MS = 5 * 60_000;
const FILE_LIMIT_MS = 60_000;

interface Mutant {
  readonly claim: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const MUTANTS: readonly Mutant[] = [
  {
    claim: 'R1: the writer believes in one unit more room than there is',
    file: 'ring-writer.js',
    find: 'return bytes <= this.capacity - ((this.position - this.headSeen) | 0); // R1',
    replace: 'return bytes <= this.capacity + 8 - ((this.position - this.headSeen) | 0);',
  },
  {
    claim: 'R1: the distance of two positions forgets that they wrap',
    file: 'ring-writer.js',
    find: 'if (bytes <= this.capacity - ((this.position - this.headSeen) | 0))',
    replace: 'if (bytes <= this.capacity - (this.position - this.headSeen))',
  },
  {
    claim: 'R2: a staged record moves tail',
    file: 'ring-writer.js',
    find: 'this.claimType = 0;\n    }\n    /**\n     * Shows',
    replace:
      'this.claimType = 0; Atomics.store(this.words, TAIL_WORD, this.position);\n    }\n    /**\n     * Shows',
  },
  {
    claim: 'R2: a claim moves tail before the payload is written',
    file: 'ring-writer.js',
    find: 'return index + RECORD_HEADER_BYTES;',
    replace: `this.claimType = 0; const word = DATA_WORD + (index >> 2);
      this.words[word] = payloadBytes + 8; this.words[word + 1] = type;
      Atomics.store(this.words, TAIL_WORD, (this.position + recordBytes) | 0);
      this.claimType = type; return index + RECORD_HEADER_BYTES;`,
  },
  {
    claim: 'R5: the padding is not published by itself',
    file: 'ring-writer.js',
    find: 'this.publish(); // R5',
    replace: '// R5',
  },
  {
    claim: 'R5: the padding is written without looking for room',
    file: 'ring-writer.js',
    find: 'if (!this.hasRoom(bytesToEnd))',
    replace: 'if (false)',
  },
  {
    claim: 'R5: the reader takes padding for a record',
    file: 'ring-reader.js',
    find: 'if (type === PADDING_TYPE)',
    replace: 'if (false)',
  },
  {
    claim: 'R5: a record wraps',
    file: 'ring-writer.js',
    find: 'if (recordBytes > bytesToEnd)',
    replace: 'if (recordBytes > bytesToEnd + 8)',
  },
  {
    claim: 'R3: head moves before the records are read',
    file: 'ring-reader.js',
    find: 'this.isPolling = true;',
    replace: 'this.isPolling = true; Atomics.store(this.words, HEAD_WORD, this.tailSeen);',
  },
  {
    claim: 'R3: head stands still when a handler throws',
    file: 'ring-reader.js',
    find: 'Atomics.store(this.words, HEAD_WORD, this.position); // R3',
    replace: '',
  },
  {
    claim: 'R8: a new writer overwrites what was published',
    file: 'ring-writer.js',
    find: 'this.position = Atomics.load(words, TAIL_WORD); // R8',
    replace: 'this.position = Atomics.load(words, HEAD_WORD);',
  },
  {
    claim: 'R8: a new reader skips what was not read',
    file: 'ring-reader.js',
    find: 'this.position = Atomics.load(words, HEAD_WORD); // R8',
    replace: 'this.position = Atomics.load(words, TAIL_WORD);',
  },
  {
    claim: 'an aborted claim stays open',
    file: 'ring-writer.js',
    find: "assert(this.claimType !== 0, 'abort follows claim');\n        this.claimType = 0;",
    replace: '',
  },
  {
    claim: 'R6: the consumer does not look again after it stored parked',
    file: 'doorbell.js',
    find: 'if (!this.hasWork())\n            return true;',
    replace: 'return true;',
  },
  {
    claim: 'R6: the consumer stores parked after its last look',
    file: 'doorbell.js',
    find: 'Atomics.store(this.words, PARKED_WORD, 1); // R6: before the last look\n        if (!this.hasWork())\n            return true;',
    replace: 'if (!this.hasWork()) { Atomics.store(this.words, PARKED_WORD, 1); return true; }',
  },
  {
    claim: 'R7: the producer wakes nobody',
    file: 'doorbell.js',
    find: 'Atomics.notify(this.words, PARKED_WORD);\n        return true;',
    replace: 'return true;',
  },
  {
    claim: 'R7: every producer wakes',
    file: 'doorbell.js',
    find: 'if (Atomics.exchange(this.words, PARKED_WORD, 0) === 0)\n            return false;',
    replace: '',
  },
  {
    claim: 'each park adds a waiter',
    file: 'doorbell.js',
    find: 'if (!this.isWaiting)',
    replace: 'if (true)',
  },
  {
    claim: 'a parked thread ends',
    file: 'doorbell.js',
    find: 'this.handle.ref();',
    replace: 'this.handle.unref();',
  },
  {
    claim: 'a fan-in serves the first producer first, always',
    file: 'fan-in.js',
    find: 'let emptyInARow = 0;',
    replace: 'let emptyInARow = 0; this.next = 0;',
  },
  {
    claim: 'a fan-in drains a producer before the next has its turn',
    file: 'fan-in.js',
    find: 'Math.min(FAN_IN_TURN_RECORDS, limit - count)',
    replace: 'limit - count',
  },
];

/** Fastest first: most mutants end there. */
const TEST_FILES = [
  'ring-writer',
  'ring-reader',
  'fan-in',
  'ring-model',
  'doorbell',
  'ring-threads',
] as const;

const compiled = fileURLToPath(new URL('../../', import.meta.url));

/** The first test file that fails in a copy with the change, or undefined when all pass. */
const firstFailure = (mutant: Mutant | undefined): string | undefined => {
  const root = mkdtempSync(join(tmpdir(), 'ring-mutant-'));
  try {
    for (const folder of ['src/base', 'src/ring', 'test/ring', 'test/support']) {
      cpSync(join(compiled, folder), join(root, folder), { recursive: true });
    }
    symlinkSync(join(compiled, '..', 'node_modules'), join(root, 'node_modules'));
    writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
    if (mutant !== undefined) {
      const path = join(root, 'src/ring', mutant.file);
      const source = readFileSync(path, 'utf8');
      ok(source.includes(mutant.find), `${mutant.file} has: ${mutant.find}`);
      writeFileSync(
        path,
        source.replace(mutant.find, () => mutant.replace),
      );
    }
    return TEST_FILES.find((name) => {
      const run = spawnSync(process.execPath, [join(root, `test/ring/${name}.test.js`)], {
        timeout: FILE_LIMIT_MS,
        killSignal: 'SIGKILL',
      });
      return run.status !== 0;
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

test(
  'the unchanged copy passes',
  () => {
    const failure = firstFailure(undefined);
    ok(failure === undefined, `${failure} fails without a change`);
  },
  MUTANT_LIMIT_MS,
);

for (const mutant of MUTANTS) {
  test(
    `found: ${mutant.claim}`,
    () => {
      ok(firstFailure(mutant) !== undefined, 'every test passes on the broken ring');
    },
    MUTANT_LIMIT_MS,
  );
}
