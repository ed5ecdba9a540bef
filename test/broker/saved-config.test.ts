import * as assert from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import { SavedConfig } from '../../src/broker/saved-config.ts';
import { suite } from '../support/suite.ts';

const test = suite('saved config');

const createFile = () => {
  const file = {
    saved: [] as number[],
    isFull: false,
    load: () => file.saved.at(-1),
    save(value: number) {
      if (file.isFull) throw new Error('the disk is full');
      file.saved.push(value);
    },
  };
  return file;
};

test('a refused value is written by a later retry, once, and only the newest', () => {
  const file = createFile();
  const config = new SavedConfig(file, 'path', silentLogger);
  file.isFull = true;
  config.save(1);
  config.save(2);
  config.retry();
  assert.equal(file.saved, []);
  file.isFull = false;
  config.retry();
  config.retry();
  assert.equal(file.saved, [2]);
});

test('a failure is said once, not with every try', () => {
  const file = createFile();
  let lines = 0;
  const logger = { ...silentLogger, error: () => void lines++ };
  const config = new SavedConfig(file, 'path', logger);
  file.isFull = true;
  config.save(1);
  config.save(2);
  config.retry();
  assert.is(lines, 1);
});
