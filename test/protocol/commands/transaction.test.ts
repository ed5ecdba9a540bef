import * as transaction from '../../../src/protocol/commands/transaction.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('transaction commands');

test('transactions end as in 4.9.2', () => {
  for (const command of commandsOf(transaction)) assertGolden(command);
});
