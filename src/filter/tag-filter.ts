import { javaHash } from '../base/index.ts';

const SUBSCRIBE_ALL = '*';
const SEPARATOR = '||';

/** Decides by the hash of a message's tag; the client compares the tag itself again. */
export class TagFilter {
  readonly tags: readonly string[];
  readonly #codes: ReadonlySet<number>;

  constructor(tags: readonly string[]) {
    this.tags = tags;
    this.#codes = new Set(tags.map(javaHash));
  }

  /** @param tagsCode the consume-queue unit's code; only its low 32 bits count. */
  matches(tagsCode: number): boolean {
    return this.#codes.has(tagsCode | 0);
  }
}

/**
 * Reads a tag expression such as `TagA || TagB`.
 * Returns `undefined` where every message matches (`*`, blank), or null where the expression names no tag at all.
 * @source rocketmq 4.9.2 common/filter/FilterAPI.java buildSubscriptionData
 */
export function parseTagExpression(expression: string | undefined): TagFilter | undefined | null {
  if (expression === undefined || expression === '' || expression === SUBSCRIBE_ALL)
    return undefined;
  const tags = expression
    .split(SEPARATOR)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return tags.length === 0 ? null : new TagFilter(tags);
}
