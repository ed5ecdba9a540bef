import { is } from 'uvu/assert';
import { CURRENT_VERSION } from '../../src/protocol/index.ts';
import { failureAnswer, notSupportedAnswer, remarkAnswer } from '../../src/transport/answers.ts';
import { suite } from '../support/suite.ts';

const test = suite('answers');

test('each answer has its code and says what is wrong', () => {
  is(failureAnswer(new RangeError('too far')).code, 1);
  is(failureAnswer(new RangeError('too far')).remark, 'RangeError: too far');
  is(failureAnswer('thrown text').remark, 'thrown text');
  is(notSupportedAnswer(7777).code, 3);
  is(notSupportedAnswer(7777).remark, ' request type 7777 not supported');
  is(notSupportedAnswer(7777).version, CURRENT_VERSION);
});

test('a remark is never longer than a line of text', () => {
  is(remarkAnswer(1, 'x'.repeat(100_000)).remark?.length, 1024);
});
