import { equal } from 'uvu/assert';
import { readInt32BE } from '../../../src/base/index.ts';
import { InputWindow } from '../../../src/transport/ring/input-window.ts';
import { RECORD_CREDIT, WINDOW_BYTES } from '../../../src/transport/ring/records.ts';
import { suite } from '../../support/suite.ts';
import { createOutput } from './fixture.ts';

const test = suite('what an end of a connection takes');
const ID = 7;
const FILL = 99;
const HALF = WINDOW_BYTES / 2;

const create = () => {
  const { output, reader, giveRoom } = createOutput();
  const told: number[] = [];
  const read = (): void => {
    reader.poll((type, bytes, start) => {
      if (type === RECORD_CREDIT && readInt32BE(bytes, start) === ID)
        told.push(readInt32BE(bytes, start + 4));
    }, 1000);
    giveRoom();
  };
  const fill = (): void => {
    while (output.claim(100, FILL) >= 0) output.commit(100);
  };
  return { window: new InputWindow(ID, output), told, read, fill };
};

test('used bytes are told when they are half a window', () => {
  const { window, told, read } = create();
  window.use(HALF - 1);
  read();
  equal(told, []);
  window.use(11);
  window.use(HALF - 1);
  read();
  window.use(1);
  read();
  equal(told, [HALF + 10, HALF]);
});

test('where there is no room all that was used until then is told at once', () => {
  const { window, told, read, fill } = create();
  fill();
  window.use(HALF);
  window.use(HALF);
  window.use(1);
  read();
  read();
  equal(told, [2 * HALF + 1]);
  window.use(HALF);
  read();
  equal(told, [2 * HALF + 1, HALF]);
});
