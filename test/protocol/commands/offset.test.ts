import * as offset from '../../../src/protocol/commands/offset.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('offset commands');

test('positions are read and stored as in 4.9.2', () => {
  for (const command of commandsOf(offset)) assertGolden(command);
});
