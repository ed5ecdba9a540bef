import * as client from '../../../src/protocol/commands/client.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('client commands');

test("heartbeats and what a broker asks its clients are 4.9.2's", () => {
  for (const command of commandsOf(client)) assertGolden(command);
});
