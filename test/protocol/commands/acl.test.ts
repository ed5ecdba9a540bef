import * as acl from '../../../src/protocol/commands/acl.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('acl commands');

test("accounts, their permissions and the trusted addresses are 4.9.2's", () => {
  for (const command of commandsOf(acl)) assertGolden(command);
});
