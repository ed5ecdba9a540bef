import { equal, is, throws } from 'uvu/assert';
import { seededRandom } from '../../src/base/index.ts';
import type { Channel } from '../../src/client/channel.ts';
import { NameServers, parseAddressList } from '../../src/client/name-servers.ts';
import { Remote } from '../../src/client/remote.ts';
import {
  GetAllTopicListFromNameserver,
  ResponseCode,
  responseOf,
} from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { rejectionCode, viewOf } from './fake-cluster.ts';

const test = suite('name-servers');
const BOUNDS = { timeoutMs: 100 };

/** A channel on which the addresses in `down` cannot be reached. */
const channelOf = (down: Set<string>, code: number = ResponseCode.SUCCESS) => {
  const asked: string[] = [];
  const channel: Channel = {
    call(_, address, __, ___, ____, done) {
      asked.push(address);
      const error = Object.assign(new Error('refused'), { code: 'CONNECT_FAILED' });
      setImmediate(() =>
        down.has(address) ? done(error) : done(undefined, viewOf(responseOf(code))),
      );
    },
    oneway: (_, __, ___, ____, done) => done(),
    close: () => undefined,
  };
  return { asked, remote: new Remote(channel) };
};
const ask = (names: NameServers) => names.call(GetAllTopicListFromNameserver, {}, BOUNDS);

test('lists are cut at semicolons and commas', () => {
  equal(parseAddressList(' a:1; b:2 ,[::1]:3;'), ['a:1', 'b:2', '[::1]:3']);
  for (const text of ['', ' ; ', 'a', 'a:0', 'a:b']) {
    throws(
      () => parseAddressList(text),
      (error: { code?: string }) => error.code === 'BAD_ARGUMENT',
    );
  }
});

test('it stays with one until that fails, then with the next', async () => {
  const down = new Set<string>();
  const { asked, remote } = channelOf(down);
  const names = new NameServers('a:1;b:1;c:1', remote, seededRandom(1));
  await ask(names);
  await ask(names);
  is(new Set(asked).size, 1);
  const [first = ''] = asked.splice(0);
  down.add(first);
  await ask(names);
  await ask(names);
  is(asked.length, 3);
  is(asked[0], first);
  is(asked[1], asked[2]);
});

test('when none answers, that is said; a refusal is an answer', async () => {
  const { remote, asked } = channelOf(new Set(['a:1', 'b:1']));
  is(
    await rejectionCode(ask(new NameServers('a:1;b:1', remote, seededRandom(1)))),
    'NAMESRV_UNREACHABLE',
  );
  is(asked.length, 2);
  const refusing = channelOf(new Set(), ResponseCode.SYSTEM_ERROR);
  is(
    await rejectionCode(ask(new NameServers('a:1;b:1', refusing.remote, seededRandom(1)))),
    'REFUSED',
  );
  is(refusing.asked.length, 1);
});
