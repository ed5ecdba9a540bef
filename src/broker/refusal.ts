import { ResponseCode } from '../protocol/index.ts';

/** A request's normal refusal: thrown by a processor, answered by the router with `responseCode` and the remark. */
export class Refusal extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, remark: string) {
    super(remark);
    this.name = 'Refusal';
    this.responseCode = responseCode;
  }
}

/** What RocketMQ appends to remarks that its FAQ explains; clients and tools show it. */
export const FAQ_SUFFIX = '\nSee http://rocketmq.apache.org/docs/faq/ for further details.';

/** The actor that should do this is restarting, or has more mail than it may hold. */
export const busy = (): Refusal =>
  new Refusal(ResponseCode.SYSTEM_BUSY, '[OVERLOAD]system busy, start flow control for a while');
