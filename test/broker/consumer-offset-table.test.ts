import * as assert from 'uvu/assert';
import {
  type ConsumerOffsets,
  ConsumerOffsetTable,
} from '../../src/broker/consumer-offset-table.ts';
import { suite } from '../support/suite.ts';

const test = suite('consumer offset table');

const memoryStore = (saved?: ConsumerOffsets) => {
  const store = {
    saved,
    saves: 0,
    load: () => store.saved,
    save(value: ConsumerOffsets) {
      store.saves += 1;
      store.saved = structuredClone(value);
    },
  };
  return store;
};

const offsets = (entries: [string, [number, number][]][]): ConsumerOffsets => ({
  offsetTable: new Map(entries.map(([key, queues]) => [key, new Map(queues)])),
});

test('offsets are found again by group and topic after a restart', () => {
  const store = memoryStore();
  const table = new ConsumerOffsetTable(store);
  table.group('group').set('Topic', new Map([[0, 12]]));
  table.touch();
  table.save();
  assert.is(new ConsumerOffsetTable(store).group('group').get('Topic')?.get(0), 12);
});

test('nothing is written while nothing changed', () => {
  const store = memoryStore();
  const table = new ConsumerOffsetTable(store);
  table.save();
  table.touch();
  table.save();
  table.save();
  assert.is(store.saves, 1);
});

test('an offset beyond the end of its queue is pulled back, so no message to come is skipped', () => {
  const table = new ConsumerOffsetTable(
    memoryStore(
      offsets([
        [
          'T@g',
          [
            [0, 50],
            [1, 3],
          ],
        ],
      ]),
    ),
  );
  table.clamp(() => 10);
  assert.equal(
    [...(table.group('g').get('T') ?? [])],
    [
      [0, 10],
      [1, 3],
    ],
  );
});

test('a retry topic and a group with an at sign are told apart at the first one', () => {
  const table = new ConsumerOffsetTable(memoryStore(offsets([['%RETRY%g@g', [[0, 1]]]])));
  assert.is(table.group('g').get('%RETRY%g')?.get(0), 1);
  assert.equal(table.groupsOf('%RETRY%g'), ['g']);
});

test('a deleted group leaves nothing in the file', () => {
  const store = memoryStore(offsets([['T@g', [[0, 1]]]]));
  const table = new ConsumerOffsetTable(store);
  table.delete('g');
  table.save();
  assert.is(store.saved?.offsetTable.size, 0);
});
