import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { Fifo } from '../../src/actors/fifo.ts';
import { suite } from '../support/suite.ts';

const test = suite('actors/fifo');

test('it behaves like an array that is pushed and shifted, through growth and wrap', () => {
  void fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(), fc.constant('shift'), fc.constant('clear')), { maxLength: 200 }),
      (steps) => {
        const fifo = new Fifo<number>();
        let model: number[] = [];
        for (const step of steps) {
          if (typeof step === 'number') {
            fifo.push(step);
            model.push(step);
          } else if (step === 'clear' && model.length > 20) {
            assert.is(fifo.clear(), model.length);
            model = [];
          } else if (model.length > 0) {
            assert.is(fifo.shift(), model.shift());
          }
          assert.is(fifo.length, model.length);
        }
        while (model.length > 0) assert.is(fifo.shift(), model.shift());
      },
    ),
  );
});
