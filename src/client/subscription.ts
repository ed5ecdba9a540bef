import { javaHash } from '../base/index.ts';
import type { SubscriptionData } from '../protocol/index.ts';
import { ClientError } from './errors.ts';

const ALL = '*';
const SEPARATOR = '||';

/**
 * Reads a tag expression: `*` or blank for all, or tags joined by `||`.
 * @param subVersion grows with each change; clients use the time
 * @throws {ClientError} BAD_ARGUMENT for an expression without any tag
 */
export const parseSubscription = (
  topic: string,
  expression: string,
  subVersion: number,
): SubscriptionData => {
  const common = { classFilterMode: false, expressionType: 'TAG', subVersion, topic } as const;
  if (expression.trim() === '' || expression.trim() === ALL) {
    return { ...common, subString: ALL, tagsSet: [], codeSet: [] };
  }
  const tags = expression
    .split(SEPARATOR)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (tags.length === 0) {
    throw new ClientError('BAD_ARGUMENT', `"${expression}" names no tag`, { topic, expression });
  }
  const tagsSet = [...new Set(tags)];
  return { ...common, subString: expression, tagsSet, codeSet: tagsSet.map(javaHash) };
};

/** Whether a message with these tags is wanted. The broker compares hashes only, so the client looks again. */
export const isSubscribed = ({ tagsSet }: SubscriptionData, tags: string | undefined): boolean =>
  tagsSet.length === 0 || (tags !== undefined && tagsSet.includes(tags));
