// The registry: every request code of RocketMQ 4.9.2, and 361, which later clients send.

import type { CommandDefinition } from '../schema.ts';
import * as acl from './acl.ts';
import * as broker from './broker.ts';
import * as client from './client.ts';
import * as group from './group.ts';
import * as kv from './kv.ts';
import * as offset from './offset.ts';
import * as pull from './pull.ts';
import * as route from './route.ts';
import * as send from './send.ts';
import * as topic from './topic.ts';
import * as transaction from './transaction.ts';

export * from './acl.ts';
export * from './broker.ts';
export * from './client.ts';
export * from './group.ts';
export * from './kv.ts';
export * from './offset.ts';
export * from './pull.ts';
export * from './route.ts';
export * from './send.ts';
export * from './topic.ts';
export * from './transaction.ts';

const BY_EXPORT = {
  ...send,
  ...pull,
  ...offset,
  ...topic,
  ...group,
  ...client,
  ...transaction,
  ...broker,
  ...route,
  ...kv,
  ...acl,
} as const;

type AnyCommand = (typeof BY_EXPORT)[keyof typeof BY_EXPORT];

/** All commands, ordered by code. */
export const COMMANDS: readonly CommandDefinition[] = Object.values(BY_EXPORT).sort(
  (left, right) => left.code - right.code,
);

const BY_CODE: ReadonlyMap<number, CommandDefinition> = new Map(
  COMMANDS.map((command) => [command.code, command]),
);

/** The command of a request code. */
export const commandByCode = (code: number): CommandDefinition | undefined => BY_CODE.get(code);

/** Request codes by RocketMQ's names: `RequestCode.PULL_MESSAGE`. */
export const RequestCode = Object.fromEntries(
  COMMANDS.map((command) => [command.name, command.code]),
) as { readonly [C in AnyCommand as C['name']]: C['code'] };

/** A request code as RocketMQ names it, or its number. */
export const requestCodeName = (code: number): string => BY_CODE.get(code)?.name ?? String(code);
