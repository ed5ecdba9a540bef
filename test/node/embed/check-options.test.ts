import * as assert from 'uvu/assert';
import { silentLogger } from '../../../src/base/index.ts';
import { checkOptions } from '../../../src/node/embed/check-options.ts';
import { suite } from '../../support/suite.ts';

const test = suite('check options');

const problemOf = (options: unknown): { readonly code: string; readonly message: string } => {
  try {
    checkOptions(options);
  } catch (error) {
    return error as { readonly code: string; readonly message: string };
  }
  return { code: '', message: '' };
};

test('what may be passed is passed on', () => {
  const options = {
    storePath: 'store',
    namesrv: '127.0.0.1:9876;10.0.0.1:9876',
    broker: { maxMessageSize: 1024 },
    listen: { host: '0.0.0.0', port: 0, namesrvPort: 9876 },
    flush: 'SYNC_FLUSH',
    shards: 2,
    ioShards: 0,
    spinUs: 0,
    logger: silentLogger,
    logLevel: 'debug',
    heapMaxMib: 64,
    controlPath: 'socket',
    threadRestartsMax: 0,
    faults: undefined,
  };
  assert.is(checkOptions(options), options);
  assert.is(problemOf({ storePath: 'store', listen: false, broker: false }).message, '');
});

const WRONG: readonly (readonly [options: unknown, words: string])[] = [
  [undefined, 'storePath'],
  [[], 'storePath'],
  [{}, 'storePath is missing'],
  [{ storePath: '' }, 'the path of a folder'],
  [{ storePath: 's', shard: 2 }, 'did you mean shards?'],
  [{ storePath: 's', shards: '2' }, 'an integer from 1 to 32, and is "2"'],
  [{ storePath: 's', shards: 0 }, 'an integer'],
  [{ storePath: 's', ioShards: -1 }, 'an integer from 0 to 8, and is -1'],
  [{ storePath: 's', flush: 'SYNC' }, '"SYNC_FLUSH"'],
  [{ storePath: 's', namesrv: 5 }, 'other name servers'],
  [{ storePath: 's', namesrv: [] }, 'other name servers'],
  [{ storePath: 's', listen: true }, 'or false'],
  [{ storePath: 's', listen: { port: 70_000 } }, 'listen.port'],
  [{ storePath: 's', listen: { port: 1 } }, 'listen.port'],
  [{ storePath: 's', listen: { host: 'example.org' } }, 'an IP address'],
  [{ storePath: 's', listen: { nameserverPort: 1 } }, 'did you mean namesrvPort?'],
  [{ storePath: 's', broker: true }, 'or false'],
  [{ storePath: 's', broker: { brokerName: () => 'b' } }, 'broker.brokerName must be'],
  [{ storePath: 's', broker: { brokerName: Symbol('b') } }, 'and is a symbol'],
  [{ storePath: 's', broker: { maxMessageSize: { bytes: String } } }, 'and is an object'],
  [{ storePath: 's', broker: Promise.resolve({}) }, 'plain data'],
  [{ storePath: 's', broker: { listenPort: 1 } }, 'use the option listen.port'],
  [{ storePath: 's', broker: false, namesrv: false }, 'nothing to start'],
  [{ storePath: 's', broker: false, namesrv: '127.0.0.1:1' }, 'needs namesrv: true'],
  [{ storePath: 's', logger: String }, 'such as pino makes it'],
  [{ storePath: 's', logger: { info: String } }, 'such as pino makes it'],
  [{ storePath: 's', logLevel: 'loud' }, 'debug, info, warn, error'],
  [{ storePath: 's', heapMaxMib: 1 }, 'from 16'],
];

test('every wrong type or name is an error that says what to pass', () => {
  for (const [options, words] of WRONG) {
    const { code, message } = problemOf(options);
    assert.is(code, 'OPTION_INVALID', words);
    assert.ok(message.includes(words), `${message}: ${words}`);
  }
  const { code } = problemOf({ storePath: 's', namesrv: 'nowhere' });
  assert.is(code, 'NAMESRV_ADDRESS_INVALID');
});
