import type { Property, PropertyValue } from './property.ts';

/** A value as Java would take it; `problem` is a sentence about why it was not taken, or not as one might think. */
export interface ParsedValue {
  /** Absent: the value before stays. */
  readonly value?: PropertyValue;
  readonly problem?: string;
  /** The start must stop: going on with the default could lose what was asked for. */
  readonly isFatal?: boolean;
}

const INTEGER = /^[+-]?\d+$/;

const parseNumber = (property: Property, source: string): ParsedValue => {
  const value = INTEGER.test(source) ? Number(source) : Number.NaN;
  const isOutOfType = property.type === 'int' && value !== (value | 0);
  if (Number.isNaN(value) || isOutOfType) {
    return { problem: `${JSON.stringify(source)} is not of type ${property.type} and is ignored` };
  }
  const safe = Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
  if (safe >= property.valueMin && safe <= property.valueMax) return { value: safe };
  return {
    problem: `must be between ${property.valueMin} and ${property.valueMax}, and is ${source}`,
    isFatal: true,
  };
};

const parseBoolean = (source: string): ParsedValue => {
  const value = source.toLowerCase() === 'true';
  if (value || source.toLowerCase() === 'false') return { value };
  return {
    value,
    problem: `${JSON.stringify(source)} is neither true nor false and counts as false`,
  };
};

/** Reads one value by its key's type, with Java's rules: no trimming, `parseBoolean`, bad numbers ignored. */
export const parseValue = (property: Property, source: string): ParsedValue => {
  switch (property.type) {
    case 'int':
    case 'long':
      return parseNumber(property, source);
    case 'boolean':
      return parseBoolean(source);
    case 'choice':
      // Java ignores a misspelt name, so that SYNC_FLUSH with a typing error loses messages: stop instead.
      return property.choices.includes(source)
        ? { value: source }
        : {
            problem: `must be one of ${property.choices.join(', ')}, and is ${JSON.stringify(source)}`,
            isFatal: true,
          };
    case 'string':
      return { value: source };
  }
};
