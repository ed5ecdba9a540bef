/** `text` with the two bytes that separate properties replaced. */
export const withoutSeparators = (text: string): string =>
  text.replaceAll('\u0001', '_').replaceAll('\u0002', '_');
