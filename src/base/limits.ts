// Every limit that guards memory or time, with its reason. Limits of the file formats stand with their formats.

/** Largest frame, length field included (RocketMQ's com.rocketmq.remoting.frameMaxLength). */
export const FRAME_BYTES_MAX = 16 * 1024 * 1024;
/** A frame that has begun must be complete after this time, so half a frame cannot hold memory for ever. */
export const FRAME_COMPLETE_MS = 30_000;
/** Unsent response bytes of one connection above which its requests are no longer read. */
export const OUTPUT_PAUSE_BYTES = 4 * 1024 * 1024;
/** Unsent response bytes of one connection above which it is closed: it does not read what it asked for. */
export const OUTPUT_CLOSE_BYTES = 64 * 1024 * 1024;
/** Silence in both directions after which either side closes a connection. */
export const IDLE_CLOSE_MS = 120_000;
/** Log lines of one kind per period; the rest is counted and summed up in the next line. */
export const LOG_LINES_PER_PERIOD = 5;
export const LOG_PERIOD_MS = 10_000;
