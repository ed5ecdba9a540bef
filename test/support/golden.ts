import { readFileSync } from 'node:fs';

/** A file of `test/golden`, parsed. The compiled tests lie two folders deeper than the sources' root. */
export const readGolden = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../../test/golden/${name}`, import.meta.url), 'utf8')) as T;

/** One entry of `vectors.json`. */
export interface GoldenVector {
  readonly id: string;
  readonly kind: string;
  readonly serialization?: 'JSON' | 'ROCKETMQ';
  readonly hex?: string;
  readonly bodyHex?: string;
  readonly text?: string;
  readonly decoded?: unknown;
  readonly [other: string]: unknown;
}

/** The entries of `vectors.json`; each suite takes those of its kind. */
export const readVectors = (...kinds: readonly string[]): readonly GoldenVector[] => {
  const { vectors } = readGolden<{ readonly vectors: readonly GoldenVector[] }>('vectors.json');
  const wanted = vectors.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  if (wanted.length === 0) throw new Error(`no golden vector of kind ${kinds.join(', ')}`);
  return wanted;
};
