import { equal, is, match, throws } from 'uvu/assert';
import {
  Admin,
  type ClientNode,
  openTcpChannel,
  Producer,
  PullConsumer,
  PushConsumer,
} from '../../src/client/index.ts';
import { checkOptions, whereabouts } from '../../src/client/options.ts';
import { suite } from '../support/suite.ts';

const test = suite('options');
const NAMESRV = '127.0.0.1:9876';
const NODE: ClientNode = { namesrvAddr: NAMESRV, openChannel: openTcpChannel };

const refused = (options: unknown, text: RegExp): void =>
  throws(
    () => whereabouts(options),
    (error: { code?: string; message: string }) => {
      is(error.code, 'BAD_ARGUMENT');
      match(error.message, text);
      return true;
    },
  );

test('exactly one of namesrvAddr and node says where the servers are', () => {
  equal(whereabouts({ namesrvAddr: NAMESRV }), { namesrvAddr: NAMESRV, openChannel: undefined });
  is(whereabouts({ node: NODE }).namesrvAddr, NAMESRV);
  is(
    whereabouts({ namesrvAddr: NAMESRV, openChannel: openTcpChannel }).openChannel,
    openTcpChannel,
  );
  refused(undefined, /options must be an object.*pass namesrvAddr/);
  refused({}, /namesrvAddr is missing: pass namesrvAddr.*or node/);
  refused({ namesrvAddr: 9876 }, /namesrvAddr is a value of type number/);
  refused({ namesrvAddr: [NAMESRV] }, /namesrvAddr is an array/);
  refused({ namesrvAddr: NAMESRV, node: NODE }, /exclude each other/);
  refused({ namesrvAddr: NAMESRV, openChannel: 'tcp' }, /openChannel must be a function/);
});

test('a node must be one, and comes with its own channel', () => {
  refused({ node: Promise.resolve(NODE) }, /await startNode/);
  for (const node of [null, 'node', {}, { namesrvAddr: NAMESRV }]) {
    refused({ node }, /what startNode or connectNode returned/);
  }
  refused({ node: NODE, openChannel: openTcpChannel }, /a node brings its own/);
});

test("a node's channel is opened as its method", () => {
  class Node implements ClientNode {
    readonly namesrvAddr = NAMESRV;
    readonly #open = openTcpChannel;
    openChannel: ClientNode['openChannel'] = (...args) => this.#open(...args);
  }
  const admin = new Admin({ node: new Node() });
  return admin.close();
});

test('each client says which of its options is of no use, and what it may be', () => {
  const makers: [() => unknown, RegExp][] = [
    [
      () => new Producer({ namesrvAddr: NAMESRV, producerGroup: 'PG', sendTimeoutMs: -1 }),
      /^sendTimeoutMs must be a number above 0.*-1$/,
    ],
    [
      () => new Producer({ namesrvAddr: NAMESRV, producerGroup: 7 as unknown as string }),
      /group must be a text/,
    ],
    [() => new Producer({ producerGroup: 'PG' } as never), /namesrvAddr is missing/],
    [() => new Producer(undefined as never), /options must be an object/],
    [() => new PullConsumer(null as never), /options must be an object/],
    [
      () =>
        new PushConsumer({
          namesrvAddr: NAMESRV,
          consumerGroup: 'CG',
          messageModel: 'broadcasting' as never,
        }),
      /messageModel must be one of CLUSTERING, BROADCASTING/,
    ],
    [() => new Admin({ namesrvAddr: NAMESRV, instanceName: '' }), /instanceName must be a text/],
  ];
  for (const [make, text] of makers) {
    throws(make, (error: { code?: string; message: string }) => {
      is(error.code, 'BAD_ARGUMENT');
      match(error.message, text);
      return true;
    });
  }
});

test('rules know numbers, counts, texts and choices', () => {
  const rules = { a: 'positive', b: 'count', c: 'text', d: ['x', 'y'] } as const;
  checkOptions({}, rules);
  checkOptions({ a: Number.POSITIVE_INFINITY, b: 0, c: 'c', d: 'y' }, rules);
  const more = { e: 'limit', f: 'size' } as const;
  checkOptions({ e: Number.POSITIVE_INFINITY, f: 2 ** 31 - 1 }, more);
  for (const options of [{ e: 0 }, { e: 1.5 }, { e: '1' }, { f: 0.5 }, { f: 2 ** 31 }])
    throws(() => checkOptions(options, more));
  for (const options of [{ a: 0 }, { a: Number.NaN }, { b: 1.5 }, { c: '' }, { d: 'z' }]) {
    throws(() => checkOptions(options, rules));
  }
});
