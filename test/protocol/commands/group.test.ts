import * as group from '../../../src/protocol/commands/group.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('group commands');

test('groups are managed and measured as in 4.9.2', () => {
  for (const command of commandsOf(group)) assertGolden(command);
});
