import * as assert from 'uvu/assert';
import * as pull from '../../../src/protocol/commands/pull.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('pull commands');

test('messages are read as in 4.9.2', () => {
  for (const command of commandsOf(pull)) assertGolden(command);
});

test('a lite pull of 5.x is a pull under another code', () => {
  assert.equal(pull.LitePullMessage.request, pull.PullMessage.request);
  assert.equal(pull.LitePullMessage.response, pull.PullMessage.response);
});
