import fc from 'fast-check';
import { equal, is, ok } from 'uvu/assert';
import { ManualClock, ManualScheduler, seededRandom } from '../../src/base/index.ts';
import { type LinkSettings, MemoryPipe } from '../../src/transport/memory-pipe.ts';
import { suite } from '../support/suite.ts';

const test = suite('memory-pipe');

const create = (settings: Partial<LinkSettings> = {}, seed = 1) => {
  const scheduler = new ManualScheduler(new ManualClock());
  const told = { data: [] as Buffer[], drains: 0, ends: 0, bytes: 0 };
  const pipe = new MemoryPipe(
    {
      scheduler,
      random: seededRandom(seed),
      latencyMsMin: 0,
      latencyMsMax: 0,
      socketBytes: 1000,
      chunkBytesMax: 1000,
      ...settings,
    },
    {
      onData: (chunk) => {
        told.data.push(Buffer.from(chunk));
        told.bytes += chunk.length;
      },
      onDrain: () => {
        told.drains += 1;
      },
      onEnd: () => {
        told.ends += 1;
      },
    },
  );
  return { scheduler, pipe, told };
};

test('P1: whatever is written arrives in order and whole, under any settings and pauses', () => {
  const actions = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom('pause', 'resume', 'wait')),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 0, max: 30 }),
      actions,
      (seed, socketBytes, latencyMsMax, steps) => {
        const { scheduler, pipe, told } = create(
          { socketBytes, latencyMsMax, chunkBytesMax: 300 },
          seed,
        );
        const sent: Buffer[] = [];
        let fill = 0;
        for (const step of steps) {
          if (step === 'pause') pipe.pause();
          else if (step === 'resume') pipe.resume();
          else if (step === 'wait') scheduler.advance(5);
          else {
            const bytes = Buffer.alloc(step, fill++);
            sent.push(Buffer.from(bytes));
            if (pipe.write(bytes)) bytes.fill(0xaa);
          }
        }
        pipe.end();
        pipe.resume();
        scheduler.advance(1_000_000);
        ok(Buffer.concat(told.data).equals(Buffer.concat(sent)));
        is(told.ends, 1);
      },
    ),
    { numRuns: 100 },
  );
});

test('P2: a reader that does not read stops the writer at the buffer size', () => {
  const { scheduler, pipe, told } = create();
  pipe.pause();
  is(pipe.write(Buffer.alloc(1000)), true);
  is(pipe.write(Buffer.alloc(10)), false);
  is(pipe.waitingBytes, 10);
  scheduler.advance(1000);
  is(told.bytes, 0);
  pipe.resume();
  scheduler.advance(1);
  is(told.bytes, 1010);
  is(told.drains, 1);
  is(pipe.waitingBytes, 0);
});

test('an abandoned pipe delivers what was taken and then ends', () => {
  const { scheduler, pipe, told } = create();
  pipe.pause();
  pipe.write(Buffer.alloc(1500));
  pipe.abandon();
  pipe.resume();
  scheduler.advance(10);
  is(told.bytes, 1000);
  is(told.ends, 1);
});

test('a cut pipe delivers nothing and takes everything', () => {
  const { scheduler, pipe, told } = create({ latencyMsMin: 5, latencyMsMax: 5 });
  pipe.write(Buffer.alloc(10));
  pipe.cut();
  is(pipe.write(Buffer.alloc(10_000)), true);
  scheduler.advance(100);
  equal(told, { data: [], drains: 0, ends: 0, bytes: 0 });
});
