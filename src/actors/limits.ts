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
/** Messages from other shards that a thread takes before its own actors and sockets have their turn. */
export const POLL_RECORDS_MAX = 256;
/** Shards of one system: each pair of them has two rings. */
export const SHARDS_MAX = 64;
/** Data bytes of the ring from one shard to another; untouched pages cost no memory. */
export const LINK_RING_BYTES = 256 * 1024;
/** Time a shard has to report its tree before the tree is shown without it. */
export const INSPECT_MS = 2_000;
/** Time a shard has to stop in order before its thread is ended. */
export const SHARD_SHUTDOWN_MS = 30_000;
/** Helper threads of a pool. */
export const POOL_THREADS_MAX = 2;
/** Time after which a helper thread without work ends. */
export const POOL_IDLE_MS = 5_000;
/** Time a pool that closes in order leaves its helpers for what they run. */
export const POOL_CLOSE_MS = 5_000;
/** Tasks of a pool that may wait for a helper thread. */
export const POOL_QUEUE_MAX = 1024;
