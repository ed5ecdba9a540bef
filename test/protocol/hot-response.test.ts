import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { offsetMessageId, offsetMessageIdPrefix } from '../../src/message/index.ts';
import { decodeCommand, HotResponse, RequestView } from '../../src/protocol/index.ts';
import { suite } from '../support/suite.ts';

const test = suite('hot response');
const HOST = Buffer.from([192, 168, 0, 1]);
const PORT = 10911;

const response = new HotResponse([
  { key: 'MSG_REGION', constant: 'Default"Region' },
  { key: 'TRACE_ON', constant: 'true' },
  { key: 'msgId', hexAfter: offsetMessageIdPrefix(HOST, PORT).toString() },
  { key: 'queueId', number: true },
  { key: 'queueOffset', number: true },
]);

const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const int32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });

for (const headerType of [0, 1] as const) {
  test(`what it writes is what the generic reader reads (header type ${headerType})`, () => {
    const property = fc.property(
      safe,
      safe,
      safe,
      int32,
      fc.nat(400),
      fc.constantFrom('', 'FOUND'),
      (commitLogOffset, queueId, queueOffset, opaque, code, text) => {
        response.numbers.set([commitLogOffset, queueId, queueOffset]);
        const remark = Buffer.from(text);
        const bytes = response.headBytes(headerType, opaque, code, remark);
        const target = Buffer.alloc(bytes + 20, 0xee);
        assert.is(response.write(target, 7, headerType, opaque, code, 3, remark), 7 + bytes);
        target.write('abc', 7 + bytes);
        const view = new RequestView();
        assert.ok(view.scan(target, 7, 7 + bytes + 3));
        const command = decodeCommand(view);
        assert.is(command.code, code);
        assert.is(command.opaque, opaque);
        assert.is(command.flag, 1);
        assert.is(command.version, 397);
        assert.is(command.remark ?? '', text);
        assert.is(command.body?.toString(), 'abc');
        assert.equal(
          { ...command.extFields },
          {
            MSG_REGION: 'Default"Region',
            TRACE_ON: 'true',
            msgId: offsetMessageId(HOST, PORT, commitLogOffset),
            queueId: String(queueId),
            queueOffset: String(queueOffset),
          },
        );
      },
    );
    fc.assert(property);
  });
}

test('a text field is written with its own length in both forms', () => {
  const batch = new HotResponse([
    { key: 'msgId', text: true },
    { key: 'queueId', number: true },
  ]);
  batch.text = Buffer.from('AA,BB,and more that is not meant');
  batch.numbers.set([5, 12]);
  for (const headerType of [0, 1] as const) {
    const target = Buffer.alloc(batch.headBytes(headerType, 1, 0));
    assert.is(batch.write(target, 0, headerType, 1, 0, 0), target.length);
    const view = new RequestView();
    assert.ok(view.scan(target, 0, target.length));
    assert.equal({ ...decodeCommand(view).extFields }, { msgId: 'AA,BB', queueId: '12' });
  }
});
