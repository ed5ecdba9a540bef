/** Decides from a consume-queue unit alone whether a record may match; the client looks at the real tag again. */
export interface QueueFilter {
  /** @param tagsCode the low 32 bits of the unit's code, signed. */
  matches(tagsCode: number): boolean;
}
