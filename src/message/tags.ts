import { javaHash } from '../base/index.ts';
import type { ByteRange } from './bytes.ts';
import { findProperty } from './properties.ts';

const TAGS = Buffer.from('TAGS');

/** The consume queue's code of a TAGS value: its Java hash (0 for none). The whole value counts, there is no splitting. */
export const tagsCode = (tags: string | undefined): number =>
  tags === undefined || tags === '' ? 0 : javaHash(tags);

/** `tagsCode` of UTF-8 bytes. Allocates only where the tag is not ASCII. */
export function tagsCodeOfBytes(source: Buffer, start: number, length: number): number {
  // hot path
  let hash = 0;
  for (let position = start, end = start + length; position < end; position++) {
    const byte = source[position] as number;
    if (byte >= 0x80) return javaHash(source.toString('utf8', start, end));
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return hash;
}

/** `tagsCode` of the TAGS property inside encoded properties; 0 where there is none. `scratch` is overwritten. */
export function tagsCodeOfProperties(
  source: Buffer,
  start: number,
  length: number,
  scratch: ByteRange,
): number {
  // hot path
  if (!findProperty(source, start, length, TAGS, scratch)) return 0;
  return tagsCodeOfBytes(source, scratch.start, scratch.length);
}
