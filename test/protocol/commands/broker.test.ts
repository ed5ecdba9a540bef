import * as broker from '../../../src/protocol/commands/broker.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('broker commands');

test('settings, state and statistics are asked for as 4.9.2 does', () => {
  for (const command of commandsOf(broker)) assertGolden(command);
});
