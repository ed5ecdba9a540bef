import { equal, is, throws } from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import { handle, success } from '../../src/namesrv/handler.ts';
import { CURRENT_VERSION, GetKvConfig, responseOf } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';
import { command } from '../transport/world.ts';

const test = suite('handler');

test('a handler gets its header by the definition of its command', () => {
  const channel = {};
  const [code, handler] = handle(GetKvConfig, ({ namespace, key }, _, on) => {
    is(on, channel);
    return responseOf(22, { remark: `${namespace}/${key}` });
  });
  is(code, 101);
  const extFields = { namespace: 'N', key: 'k', unknown: 'x' };
  is(handler(command(101, { extFields }), channel).remark, 'N/k');
});

test('a header without a required field never reaches the handler', () => {
  const [, handler] = handle(GetKvConfig, () => success());
  const isMissing = (error: unknown): boolean => errorCode(error) === 'FIELD_MISSING';
  throws(() => handler(command(101, { extFields: { key: 'k' } }), {}), isMissing);
  throws(() => handler(command(101), {}), isMissing);
});

test('an answer says which version answers', () => {
  is(success().code, 0);
  is(success().version, CURRENT_VERSION);
  equal(success({ remark: 'r' }).remark, 'r');
});
