import {
  type HeaderOf,
  type HeaderType,
  PullMessage,
  requestCommand,
} from '../../protocol/index.ts';
import { RequestTemplate, writeDigits } from './request-template.ts';

/** Digits of the largest integer that is safe. */
const OFFSET_DIGITS_MAX = 16;
const OFFSET_KEY = 'queueOffset';

/** Head of a pull whose offset has a number of digits: only they, and the opaque, are written over. */
interface SizedTemplate {
  readonly template: RequestTemplate;
  readonly offsetAt: number;
}

const digitsOf = (value: number): number => {
  // hot path
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits += 1;
  return digits;
};

/** The pull of one queue, encoded once for each number of digits that its offset has. */
export class PullRequest {
  readonly bytesMax: number;
  readonly #header: HeaderOf<typeof PullMessage.request>;
  readonly #headerType: HeaderType;
  readonly #bySize: (SizedTemplate | undefined)[] = [];

  /** @param header its `queueOffset` does not matter */
  constructor(header: HeaderOf<typeof PullMessage.request>, headerType: HeaderType) {
    this.#header = header;
    this.#headerType = headerType;
    this.bytesMax = this.#sized(OFFSET_DIGITS_MAX).template.head.length;
  }

  /** Writes the request for `queueOffset`; returns where it ends. */
  write(target: Buffer, at: number, opaque: number, queueOffset: number): number {
    // hot path
    const digits = digitsOf(queueOffset);
    const { template, offsetAt } = this.#bySize[digits] ?? this.#sized(digits);
    writeDigits(template.head, offsetAt, digits, queueOffset);
    return template.write(target, at, opaque, 0, 0);
  }

  #sized(digits: number): SizedTemplate {
    const queueOffset = 10 ** (digits - 1);
    const command = requestCommand(PullMessage, { ...this.#header, queueOffset });
    const template = new RequestTemplate(command, this.#headerType);
    // Topic and group stand before it.
    const keyAt = template.head.lastIndexOf(OFFSET_KEY);
    const sized = { template, offsetAt: template.head.indexOf(String(queueOffset), keyAt) };
    this.#bySize[digits] = sized;
    return sized;
  }
}
