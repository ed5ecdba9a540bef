import * as assert from 'uvu/assert';
import {
  CURRENT_VERSION,
  CURRENT_VERSION_TEXT,
  VERSION,
  versionText,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('version');

test('this broker is a 4.9.2 to its peers', () => {
  assert.is(CURRENT_VERSION, 397);
  assert.is(versionText(CURRENT_VERSION), CURRENT_VERSION_TEXT);
});

test('ordinals of the regular years have their names', () => {
  for (const name of ['V4_9_0', 'V4_9_1', 'V4_9_3', 'V4_9_4', 'V5_0_0', 'V5_3_3'] as const) {
    assert.is(versionText(VERSION[name]), name);
  }
  assert.is(versionText(333), 'V4_6_0');
  assert.is(versionText(394), 'V4_9_1_SNAPSHOT');
  assert.is(versionText(28), 'V28');
  assert.is(versionText(9999), 'V9999');
});
