import type { Child, ChildSpec } from './actor.ts';
import { MAILBOX_MAX, SHUTDOWN_MS } from './limits.ts';
import type { RestartRule, SupervisionSpec } from './restart-policy.ts';

/** Fills in a child's defaults; a config that does not fit its actor is a compile error. */
export const child = <C, M>(spec: ChildSpec<C, M>): Child<M> => ({
  id: spec.id,
  actorName: spec.actor.name,
  supervision: spec.actor.supervision,
  restart: spec.restart ?? 'permanent',
  shutdownMs: spec.shutdownMs ?? SHUTDOWN_MS,
  mailboxMax: spec.mailboxMax ?? MAILBOX_MAX,
  begin: (context) => spec.actor.start(spec.config, context),
});

/** A supervisor and its children, which start in this order and stop in reverse. */
export interface SupervisorSpec extends SupervisionSpec {
  /** Default `supervisor`. */
  readonly id?: string;
  readonly children: readonly Child<never>[];
  /** Default `permanent`. */
  readonly restart?: RestartRule;
}

/** A supervision tree as data; it is itself a child, so trees nest. It takes no messages. */
export const supervisor = (spec: SupervisorSpec): Child<never> => ({
  id: spec.id ?? 'supervisor',
  actorName: 'supervisor',
  supervision: spec,
  restart: spec.restart ?? 'permanent',
  shutdownMs: SHUTDOWN_MS,
  mailboxMax: 0,
  begin(context) {
    for (const each of spec.children) context.spawn(each);
    return { receive: () => undefined };
  },
});
