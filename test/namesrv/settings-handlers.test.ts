import { is, ok } from 'uvu/assert';
import { suite } from '../support/suite.ts';
import { createFixture, SETTINGS } from './name-server-fixture.ts';

const test = suite('settings-handlers');

test('settings are read, changed and saved', () => {
  const { ask, disk } = createFixture();
  ok(ask(319).body?.includes('listenPort=9876\n'));
  is(ask(318, { body: 'orderMessageEnable=true\n' }).code, 0);
  ok(ask(319).body?.includes('orderMessageEnable=true\n'));
  ok(disk.readFile(SETTINGS.configStorePath)?.includes('orderMessageEnable=true\n'));
  is(ask(318).code, 0, 'no body changes nothing');
});

test('paths are not for clients to choose', () => {
  const { ask, disk } = createFixture();
  const answer = ask(318, { body: 'configStorePath=/etc/passwd\norderMessageEnable=true' });
  is(answer.code, 16);
  is(answer.remark, 'Can not update config in black list.');
  is(disk.readFile('/etc/passwd'), undefined);
  ok(ask(319).body?.includes('orderMessageEnable=false\n'));
});
