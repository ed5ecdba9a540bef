import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { LogReaders } from '../../../src/node/embed/log-readers.ts';
import { handleUse, type NodeHandle } from '../../../src/node/embed/node-handle.ts';
import { MappingTable } from '../../../src/storage/index.ts';
import { suite } from '../../support/suite.ts';
import { mappingsBelow, withFolder } from '../node-fixture.ts';

const test = suite('log readers');
const SEGMENT_BYTES = 64 * 1024;
const BROKER = '127.0.0.1:10911';

const handleFor = (folder: string): NodeHandle => ({
  node: 'n',
  id: 3,
  namesrvAddr: '127.0.0.1:9876',
  rings: { id: 3, doorbell: new SharedArrayBuffer(4), pairs: [] },
  logs: [{ address: BROKER, folder, segmentBytes: SEGMENT_BYTES }],
  mappings: MappingTable.create(8).memory,
  use: handleUse(),
});

test("a broker's log is read from a mapping that is written down, and goes with its reader", () =>
  withFolder(async (folder) => {
    const log = join(folder, 'commitlog');
    mkdirSync(log);
    const segment = Buffer.alloc(SEGMENT_BYTES);
    segment.write('a record', 100);
    writeFileSync(join(log, '0'.repeat(20)), segment);
    const handle = handleFor(log);
    const table = new MappingTable(handle.mappings);
    const readers = new LogReaders(handle);
    assert.is(readers.of('127.0.0.1:1'), undefined);
    const reader = readers.of(BROKER);
    assert.is(readers.of(BROKER), reader);
    assert.is(table.size, 0, 'nothing is mapped before it is read');
    const lease = reader?.lease(100, 8);
    assert.is(lease?.buffer.toString('utf8', lease.start, lease.start + 8), 'a record');
    assert.is(table.size, 1);
    lease?.release();
    readers.refresh(BROKER);
    readers.close();
    assert.is(table.size, 0);
    assert.equal(mappingsBelow(folder), []);
    assert.is.not(readers.of(BROKER), reader);
    readers.close();
  }));
