// Limits of the broker's own state; limits of formats and of connections stand with them.

/** Pulls that wait on one queue; more are answered at once with PULL_NOT_FOUND. */
export const PULLS_WAITING_MAX = 10_000;
/** Pulls of one queue that wait until old messages are fetched; more are answered although that keeps the thread. */
export const PULLS_POSTPONED_MAX = 1_000;
/** Sends that wait for a flush at one time; more are refused with SYSTEM_BUSY. */
export const ACKS_WAITING_MAX = 65_536;
/** Consumer groups that are in use at one time; requests of a further one are refused with SYSTEM_BUSY. */
export const GROUPS_MAX = 100_000;
/** Consumer groups that hold one queue for ordered consumption; a further one does not get it. */
export const LEASES_MAX = 1_000;
/** Parsed tag expressions kept for pulls that carry their own. */
export const EXPRESSIONS_CACHED_MAX = 1_024;
/** Silence after which a client's registration ends. */
export const CLIENT_EXPIRY_MS = 120_000;
/** Period of the scan for silent clients. */
export const CLIENT_SCAN_MS = 10_000;
/** Period in which waiting pulls are checked for their deadline (RocketMQ: 5 s). */
export const PULL_SCAN_MS = 1_000;
/** Longest time a pull may ask to wait. */
export const PULL_WAIT_MS_MAX = 120_000;
