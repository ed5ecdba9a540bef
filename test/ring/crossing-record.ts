// The content of a record follows from its producer and its number, so a reader knows every byte it must see.

/** Mixes a number into 32 evenly distributed bits. */
const mix = (seed: number): number => {
  let mixed = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return mixed ^ (mixed >>> 16);
};

/** Seed of record `sequence` of a producer. */
export const recordSeed = (producerIndex: number, sequence: number): number =>
  mix(sequence + Math.imul(producerIndex + 1, 0x9e3779b1));

/** Type of a record: any int32 above zero. */
export const recordType = (seed: number): number => (seed >>> 1) | 1;

/** Payload bytes of a record. */
export const recordBytes = (seed: number, payloadBytesMax: number): number =>
  (seed >>> 3) % (payloadBytesMax + 1);

/** Writes the payload; `words` and `bytes` are views of the same data. */
export const fillRecord = (
  words: Int32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  seed: number,
): void => {
  const firstWord = start >> 2;
  const wordsEnd = end >> 2;
  for (let at = firstWord; at < wordsEnd; at++)
    words[at] = seed + Math.imul(at - firstWord, 0x1000193);
  for (let at = wordsEnd << 2; at < end; at++) bytes[at] = seed + at - start;
};

/** True when the payload is the one `fillRecord` wrote. */
export const isRecordIntact = (
  words: Int32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  seed: number,
): boolean => {
  const firstWord = start >> 2;
  const wordsEnd = end >> 2;
  for (let at = firstWord; at < wordsEnd; at++) {
    if (words[at] !== ((seed + Math.imul(at - firstWord, 0x1000193)) | 0)) return false;
  }
  for (let at = wordsEnd << 2; at < end; at++) {
    if (bytes[at] !== ((seed + at - start) & 0xff)) return false;
  }
  return true;
};
