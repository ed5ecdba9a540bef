import * as route from '../../../src/protocol/commands/route.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('route commands');

test("registration and routes are 4.9.2's", () => {
  for (const command of commandsOf(route)) assertGolden(command);
});
