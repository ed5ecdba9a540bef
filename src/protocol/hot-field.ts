/** A header field of a hot response: the same text in every answer, or a number told with each. */
export type HotField =
  | { readonly key: string; readonly constant: string }
  /** Decimal digits. */
  | { readonly key: string; readonly number: true }
  /** `prefix` and then a number as sixteen upper-case hex digits: an offset message id. */
  | { readonly key: string; readonly hexAfter: string }
  /** Plain ASCII told with each answer; its number is its length. At most one field of a response. */
  | { readonly key: string; readonly text: true };

/** Digits of a hex field behind its prefix. */
export const HEX_DIGITS = 16;
/** What a field leaves open. */
export type Hole = 'decimal' | 'hex' | 'text';

/** What is told with each answer; `undefined` for a constant. */
export const holeOf = (field: HotField): Hole | undefined => {
  if ('number' in field) return 'decimal';
  if ('text' in field) return 'text';
  return 'hexAfter' in field ? 'hex' : undefined;
};
