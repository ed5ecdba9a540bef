/** What `parseJson` gives. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | JsonObject
  | JsonPairs;

/** An object with text keys. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/** An object with at least one object for a key, such as `{{"topic":"T"}:1}`: its members in order. */
export class JsonPairs {
  readonly entries: [JsonValue, JsonValue][];

  constructor(entries: [JsonValue, JsonValue][]) {
    this.entries = entries;
  }
}

/** Whether a value is an object with text keys. */
export const isJsonObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof JsonPairs);

/** Whether a value is an array. */
export const isJsonArray = (value: JsonValue | undefined): value is readonly JsonValue[] =>
  Array.isArray(value);
