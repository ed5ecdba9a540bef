import * as assert from 'uvu/assert';
import { type Look, withRates } from '../../bench/compare/rates.ts';
import { suite } from '../support/suite.ts';

const test = suite('rates of a load');

const watch = (look: () => Promise<Look>) => ({ look, windowMs: 1, delayMs: 0 });
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
};
const fail = (message: string) => async (): Promise<never> => {
  throw new Error(message);
};

test('each window has the rate of what came in it', async () => {
  let looks = 0;
  let enough: (() => void) | undefined;
  const load = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const look = async (): Promise<Look> => {
    looks += 1;
    if (looks === 4) enough?.();
    return { ms: looks * 500, stored: looks * looks * 100 };
  };
  const { rates } = await withRates(watch(look), () => load);
  assert.equal(rates.slice(0, 2), [600, 1000]);
});

test('a look that fails is told when the load has ended, and is never left unhandled', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  let hasEnded = false;
  const load = async (): Promise<void> => {
    await turns(20);
    hasEnded = true;
  };
  const thrown = await withRates(watch(fail('no broker')), load).catch((error: unknown) => error);
  process.removeListener('unhandledRejection', note);
  assert.is((thrown as Error).message, 'no broker');
  assert.ok(hasEnded);
  assert.equal(unhandled, []);
});

test('the error of a load comes before that of a look', async () => {
  const both = withRates(watch(fail('no broker')), fail('closed by server'));
  const thrown = await both.catch((error: unknown) => error);
  assert.is((thrown as Error).message, 'closed by server');
});
