import { equalsBytes } from '../message/index.ts';

const PLACES = 64;
/** Longer texts are rare and not worth keeping. */
const TEXT_BYTES_MAX = 128;

/** Texts that were read before: names repeat, and finding one costs a fraction of making its string. */
export class TextCache {
  readonly #bytes: Buffer[] = new Array<Buffer>(PLACES).fill(Buffer.alloc(0));
  readonly #texts: string[] = new Array<string>(PLACES).fill('');

  /** The UTF-8 text `source[start … end)`. */
  get(source: Buffer, start: number, end: number): string {
    // hot path
    const length = end - start;
    if (length === 0) return '';
    if (length > TEXT_BYTES_MAX) return source.toString('utf8', start, end);
    const middle = source[start + (length >> 1)] as number;
    const mixed = length * 7 + middle * 13 + (source[end - 1] as number) * 31;
    const place = (mixed + (source[start] as number)) & (PLACES - 1);
    if (equalsBytes(source, start, length, this.#bytes[place] as Buffer)) {
      return this.#texts[place] as string;
    }
    const text = source.toString('utf8', start, end);
    this.#bytes[place] = Buffer.from(source.subarray(start, end));
    this.#texts[place] = text;
    return text;
  }
}
