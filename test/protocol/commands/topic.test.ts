import * as topic from '../../../src/protocol/commands/topic.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, commandsOf } from './golden-commands.ts';

const test = suite('topic commands');

test('topics are managed as in 4.9.2', () => {
  for (const command of commandsOf(topic)) assertGolden(command);
});
