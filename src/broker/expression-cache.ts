import { parseTagExpression, type TagFilter } from '../filter/index.ts';
import { EXPRESSIONS_CACHED_MAX } from './broker-limits.ts';

/** Tag expressions that pulls brought along, parsed once each. */
export class ExpressionCache {
  readonly #parsed = new Map<string, TagFilter | undefined | null>();

  /** See `parseTagExpression`. */
  get(expression: string): TagFilter | undefined | null {
    const known = this.#parsed.get(expression);
    if (known !== undefined || this.#parsed.has(expression)) return known;
    if (this.#parsed.size >= EXPRESSIONS_CACHED_MAX) this.#parsed.clear();
    const filter = parseTagExpression(expression);
    this.#parsed.set(expression, filter);
    return filter;
  }
}
