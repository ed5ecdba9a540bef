import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  JsonPairs,
  type JsonValue,
} from './json-value.ts';

// fastjson writes an object it has written before as {"$ref": path}. Paths:
//
// | path | means |
// |---|---|
// | `$` | the root |
// | `$.a.b[0]` | a place below the root; the name `null` in a map with object keys is its first key |
// | `..` | the parent |
// | `@` | the object itself |

const referencePath = (value: JsonValue): string | undefined => {
  if (!isJsonObject(value)) return undefined;
  const path = value['$ref'];
  return typeof path === 'string' && Object.keys(value).length === 1 ? path : undefined;
};

const stepInto = (value: JsonValue | undefined, step: string): JsonValue | undefined => {
  if (value instanceof JsonPairs) {
    if (step === 'null') return value.entries.find(([key]) => typeof key === 'object')?.[0];
    return value.entries.find(([key]) => key === step)?.[1];
  }
  if (isJsonArray(value)) return value[Number(step)];
  if (isJsonObject(value)) return Object.hasOwn(value, step) ? value[step] : undefined;
  return undefined;
};

/** Chains of references that lead to references end here. */
const HOPS_MAX = 8;

class Resolver {
  readonly #root: JsonValue;

  constructor(root: JsonValue) {
    this.#root = root;
  }

  /** What `path` names, seen from an object whose ancestors are `parents`, nearest last; null where nothing is. */
  find(path: string, parents: readonly JsonValue[], hops = 0): JsonValue {
    if (hops > HOPS_MAX) return null;
    let target: JsonValue | undefined;
    if (path === '$') target = this.#root;
    else if (path === '..') target = parents[parents.length - 2] ?? null;
    else if (path === '@') target = parents[parents.length - 1] ?? null;
    else if (path.startsWith('$')) {
      target = this.#root;
      for (const [, name, index] of path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)) {
        target = stepInto(target, name ?? index ?? '');
      }
    }
    if (target === undefined) return null;
    const next = referencePath(target);
    return next === undefined ? target : this.find(next, parents, hops + 1);
  }

  /** Replaces the references below `value` in place. */
  walk(value: JsonValue, parents: readonly JsonValue[]): void {
    if (typeof value !== 'object' || value === null) return;
    const below = [...parents, value];
    if (value instanceof JsonPairs) this.#walkPairs(value, below);
    else if (isJsonArray(value)) this.#walkArray(value as JsonValue[], below);
    else this.#walkObject(value as JsonObject, below);
  }

  #walkPairs(pairs: JsonPairs, below: readonly JsonValue[]): void {
    for (const entry of pairs.entries) {
      entry[0] = this.#resolved(entry[0], below);
      entry[1] = this.#resolved(entry[1], below);
    }
  }

  #walkArray(items: JsonValue[], below: readonly JsonValue[]): void {
    for (const [index, item] of items.entries()) items[index] = this.#resolved(item, below);
  }

  #walkObject(object: JsonObject, below: readonly JsonValue[]): void {
    for (const key of Object.keys(object)) {
      object[key] = this.#resolved(object[key] ?? null, below);
    }
  }

  #resolved(value: JsonValue, below: readonly JsonValue[]): JsonValue {
    const path = referencePath(value);
    if (path !== undefined) return this.find(path, below);
    this.walk(value, below);
    return value;
  }
}

/**
 * Replaces `{"$ref": path}` by what it names (null where that is nothing). Objects are shared, not copied: the result can
 * hold itself.
 */
export function resolveReferences(root: JsonValue): JsonValue {
  const resolver = new Resolver(root);
  if (referencePath(root) !== undefined) return null;
  resolver.walk(root, []);
  return root;
}
