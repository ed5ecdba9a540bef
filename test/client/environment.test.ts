import { isIPv4 } from 'node:net';
import { is, ok } from 'uvu/assert';
import { ManualClock } from '../../src/base/index.ts';
import { localHost, systemEnvironment } from '../../src/client/environment.ts';
import { suite } from '../support/suite.ts';

const test = suite('environment');

test('the defaults are this machine, and each part can be replaced', () => {
  const environment = systemEnvironment();
  ok(isIPv4(environment.host));
  is(environment.host, localHost());
  is(environment.processId, process.pid);
  ok(Math.abs(environment.clock.now() - Date.now()) < 1000);
  const clock = new ManualClock();
  const replaced = systemEnvironment({ clock, host: '10.1.2.3' });
  is(replaced.clock, clock);
  is(replaced.host, '10.1.2.3');
});
