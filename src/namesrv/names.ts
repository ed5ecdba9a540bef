import { NameServerError } from './name-server-error.ts';

/** Longest name or address, in UTF-16 units. */
export const NAME_LENGTH_MAX = 255;

/** RocketMQ allows any text as a broker or cluster name; what no log line or tool could show is refused. */
const isName = (text: string): boolean =>
  text.trim() !== '' && text.length <= NAME_LENGTH_MAX && !/\p{Cc}/u.test(text);

/** @throws {NameServerError} NAME_INVALID; `what` says which name it is. */
export function checkName(what: string, text: string): void {
  if (isName(text)) return;
  const shown = JSON.stringify(text.slice(0, 50));
  throw new NameServerError('NAME_INVALID', `${what} must not be ${shown}`, { what });
}

/**
 * `host:port`, as clients will dial it.
 * @throws {NameServerError} NAME_INVALID
 */
export function checkAddress(what: string, text: string): void {
  checkName(what, text);
  const port = Number(/:(\d{1,5})$/.exec(text)?.[1]);
  if (port >= 0 && port <= 65_535 && !text.startsWith(':')) return;
  throw new NameServerError('NAME_INVALID', `${what} must be host:port, not ${text}`, { what });
}
