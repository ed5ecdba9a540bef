import * as assert from 'uvu/assert';
import { ManualClock, ManualScheduler } from '../../src/base/index.ts';
import { AbortMarker } from '../../src/storage/abort-marker.ts';
import { MemoryDisk } from '../../src/storage/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('storage/abort-marker');

test('a marker counts as there once a power cut cannot take it away, until it is removed', () => {
  const clock = new ManualClock();
  const scheduler = new ManualScheduler(clock);
  const disk = new MemoryDisk({ clock, scheduler });
  const marker = new AbortMarker(disk, '/abort');
  assert.not(marker.wasThere);
  let isDurable = false;
  marker.create(() => {
    isDurable = true;
  });
  assert.not(isDurable);
  scheduler.runDeferred();
  assert.ok(isDurable);
  disk.cutPower({ seed: 1, keepUnsynced: 0 });
  const found = new AbortMarker(disk, '/abort');
  assert.ok(found.wasThere);
  assert.is(disk.stat('/abort')?.bytes, 0);
  found.remove();
  assert.not(new AbortMarker(disk, '/abort').wasThere);
});
