import * as assert from 'uvu/assert';
import {
  COMMANDS,
  commandByCode,
  RequestCode,
  requestCodeName,
} from '../../../src/protocol/index.ts';
import { suite } from '../../support/suite.ts';
import { assertGolden, goldenCommands } from './golden-commands.ts';

const test = suite('command registry');

test('it holds every request code of RocketMQ 4.9.2, and 361, and no other', () => {
  assert.equal(
    COMMANDS.map(({ code }) => code),
    goldenCommands()
      .map(({ code }) => code)
      .sort((left, right) => left - right),
  );
  for (const command of COMMANDS) assertGolden(command);
});

test('codes and names are unique', () => {
  assert.is(new Set(COMMANDS.map(({ code }) => code)).size, COMMANDS.length);
  assert.is(new Set(COMMANDS.map(({ name }) => name)).size, COMMANDS.length);
});

test('no command has two fields with one name on the wire', () => {
  for (const { request, response, name } of COMMANDS) {
    for (const { plan } of [request, response]) {
      assert.is(new Set(plan.map(({ key }) => key)).size, plan.length, name);
    }
  }
});

test('commands are found by code, codes by name', () => {
  assert.is(commandByCode(11)?.name, 'PULL_MESSAGE');
  assert.is(commandByCode(200_050), undefined);
  assert.is(RequestCode.SEND_MESSAGE_V2, 310);
  assert.is(Object.keys(RequestCode).length, COMMANDS.length);
  assert.is(requestCodeName(105), 'GET_ROUTEINFO_BY_TOPIC');
  assert.is(requestCodeName(-3), '-3');
});
