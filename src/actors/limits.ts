// Every limit of the actor runtime, with its reason.

/** Messages one actor may have waiting unless its child spec says otherwise; the next `tell` returns false. */
export const MAILBOX_MAX = 1024;
/** Queued messages one actor handles before the next actor has its turn. */
export const TURN_MESSAGES_MAX = 64;
/** Tells that run inside each other in one turn; deeper ones are queued, so a long chain cannot use up the stack. */
export const NESTING_MAX = 16;
/** Pending timers of one actor; more is a leak. */
export const TIMERS_MAX = 10_000;
/** Unanswered asks of one actor; more means that nobody answers. */
export const ASKS_MAX = 10_000;
/** Time one actor has to finish its work in hand before it is stopped. */
export const SHUTDOWN_MS = 5_000;
/** Restarts in a period that a supervisor grants unless it says otherwise. */
export const RESTARTS_MAX = 3;
export const RESTART_PERIOD_MS = 5_000;
