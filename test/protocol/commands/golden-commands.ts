import * as assert from 'uvu/assert';
import type { CommandDefinition, HeaderSchema } from '../../../src/protocol/index.ts';
import { readGolden } from '../../support/golden.ts';

interface GoldenCommand {
  readonly code: number;
  readonly name: string;
  readonly target: string;
  readonly request: Readonly<Record<string, string>>;
  readonly response: Readonly<Record<string, string>>;
}

/** Every request code of RocketMQ 4.9.2, and 361. */
export const goldenCommands = (): readonly GoldenCommand[] =>
  readGolden<{ codes: GoldenCommand[] }>('request-codes.json').codes;

/** Fields of 5.x that are read although 4.9.2 does not have them. */
const LATER_FIELDS: Readonly<Record<string, string>> = {
  n: 'string?',
  acceptStandardJsonOnly: 'boolean?',
};

const fieldsOf = ({ plan }: HeaderSchema): Record<string, string> =>
  Object.fromEntries(
    plan
      .map(({ key, tag, isRequired }) => {
        const type = tag === 'topicFilterType' ? 'string' : tag;
        return [key, isRequired ? type : `${type}?`] as const;
      })
      .filter(([key, type]) => LATER_FIELDS[key] !== type)
      .sort(),
  );

const sorted = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).sort());

const TARGETS: Readonly<Record<string, string>> = { 'broker+client': 'relay' };

/** Asserts that a command is the one of 4.9.2: name, code, target, and each field with its type. */
export const assertGolden = (command: CommandDefinition): void => {
  const golden = goldenCommands().find(({ code }) => code === command.code);
  assert.ok(golden, `${command.name} has a code RocketMQ does not`);
  assert.is(command.name, golden.name);
  assert.is(command.to, TARGETS[golden.target] ?? golden.target);
  assert.equal(fieldsOf(command.request), sorted(golden.request), `${command.name} request`);
  assert.equal(fieldsOf(command.response), sorted(golden.response), `${command.name} response`);
};

/** The commands a domain file exports. */
export const commandsOf = (domain: object): readonly CommandDefinition[] => {
  const commands = Object.values(domain) as CommandDefinition[];
  assert.ok(commands.length > 0);
  return commands;
};
