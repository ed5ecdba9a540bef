/** Header fields of a command as text, by wire name. */
export type ExtFields = Readonly<Record<string, string>>;

/** What a header says, in either encoding. */
export interface HeaderFacts {
  readonly code: number;
  /** Language code. */
  readonly language: number;
  readonly version: number;
  readonly opaque: number;
  readonly flag: number;
  readonly remark: string | undefined;
  readonly extFields: ExtFields | undefined;
}
