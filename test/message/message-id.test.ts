import * as assert from 'uvu/assert';
import { errorCode } from '../../src/base/index.ts';
import {
  hostBytes,
  hostText,
  offsetMessageId,
  offsetMessageIdPrefix,
  parseOffsetMessageId,
  writeOffsetDigits,
} from '../../src/message/index.ts';
import { readGolden, readVectors } from '../support/golden.ts';
import { suite } from '../support/suite.ts';

const test = suite('message id');

interface IdVector {
  readonly ip: string;
  readonly port: number;
  readonly offset: string;
  readonly msgId: string;
}

test('ids of stored messages are those of the 4.9.2 store, in both directions', () => {
  const { offsetMsgId } = readGolden<{ offsetMsgId: IdVector[] }>('store-vectors.json');
  for (const { ip, port, offset, msgId } of offsetMsgId) {
    const host = hostBytes(ip);
    assert.is(offsetMessageId(host, port, Number(offset)), msgId);
    const digits = Buffer.alloc(16);
    writeOffsetDigits(digits, 0, Number(offset));
    assert.is(offsetMessageIdPrefix(host, port).toString() + digits.toString(), msgId);
    const parsed = parseOffsetMessageId(msgId);
    assert.is(hostText(parsed.host), ip);
    assert.is(parsed.port, port);
    assert.is(parsed.commitLogOffset, Math.min(Number(offset), Number.MAX_SAFE_INTEGER));
  }
});

test('ids on the wire are those of the Java classes', () => {
  for (const { text = '', decoded } of readVectors('offsetMsgId')) {
    const { host, port, physicalOffset } = decoded as Record<string, number> & { host: string };
    const parsed = parseOffsetMessageId(text);
    assert.equal(
      [hostText(parsed.host), parsed.port, parsed.commitLogOffset],
      [host, port, physicalOffset],
    );
    assert.is(offsetMessageId(parsed.host, parsed.port, parsed.commitLogOffset), text);
  }
});

test('what is no id is refused', () => {
  for (const id of ['', 'x'.repeat(32), 'A'.repeat(31), 'A'.repeat(33), `${'A'.repeat(31)} `]) {
    assert.throws(
      () => parseOffsetMessageId(id),
      (error: unknown) => errorCode(error) === 'MESSAGE_ID_MALFORMED',
    );
  }
});
