import { type RemotingCommand, ResponseCode, responseOf } from '../protocol/index.ts';

const REMARK_LENGTH_MAX = 1024;

/** An answer that only says what is wrong. */
export function remarkAnswer(code: number, remark: string): RemotingCommand {
  return responseOf(code, { remark: remark.slice(0, REMARK_LENGTH_MAX) });
}

/** The answer to a request whose handler threw. */
export function failureAnswer(error: unknown): RemotingCommand {
  return remarkAnswer(ResponseCode.SYSTEM_ERROR, String(error));
}

/** The answer to a request code nobody handles. */
export function notSupportedAnswer(code: number): RemotingCommand {
  const remark = ` request type ${code} not supported`;
  return remarkAnswer(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, remark);
}
