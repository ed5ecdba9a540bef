import * as kv from '../../../src/protocol/commands/kv.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('kv commands');

test("the key-value configuration is 4.9.2's", () => {
  for (const command of commandsOf(kv)) assertGolden(command);
});
