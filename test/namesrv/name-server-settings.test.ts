import { equal, is, ok } from 'uvu/assert';
import { silentLogger } from '../../src/base/index.ts';
import { NameServerSettings } from '../../src/namesrv/name-server-settings.ts';
import { suite } from '../support/suite.ts';

const test = suite('name-server-settings');

const create = (save: (path: string, text: string) => void = () => undefined) =>
  new NameServerSettings(
    {
      kvConfigPath: '/n/kv.json',
      configStorePath: '/n/namesrv.properties',
      orderMessageEnable: false,
      listenPort: 9876,
      productEnvName: 'center',
    },
    save,
    silentLogger,
  );

test('known keys change by their type, unknown ones and wrong types are ignored', () => {
  const settings = create();
  is(
    settings.update('orderMessageEnable=TRUE\nlistenPort=abc\nproductEnvName=east\nnew=1'),
    'updated',
  );
  is(settings.orderMessageEnable, true);
  const text = settings.text();
  ok(text.includes('listenPort=9876\n') && text.includes('productEnvName=east\n'), text);
  is(text.includes('new='), false);
});

test('a change is saved to the configured file, and holds even where that fails', () => {
  const saved: [string, string][] = [];
  const settings = create((path, text) => void saved.push([path, text]));
  settings.update('productEnvName=east');
  equal(saved, [['/n/namesrv.properties', settings.text()]]);
  const failing = create(() => {
    throw new Error('disk full');
  });
  is(failing.update('orderMessageEnable=true'), 'updated');
  is(failing.orderMessageEnable, true);
});

test('a request cannot choose where the process writes, nor smuggle that in beside other keys', () => {
  for (const key of ['configStorePath', 'kvConfigPath', 'rocketmqHome', 'config\\u0053torePath']) {
    const saved: string[] = [];
    const settings = create((path) => void saved.push(path));
    const before = settings.text();
    is(settings.update(`productEnvName=east\n${key}=/etc/x`), 'forbidden');
    is(settings.text(), before);
    equal(saved, []);
  }
});
