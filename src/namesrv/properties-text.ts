/**
 * Reads text as `java.util.Properties` does: comments, three separators, continued lines and escapes.
 * Later entries win.
 * @source java.util.Properties.load
 */
export function parsePropertiesText(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const end = keyEnd(line);
    const value = line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
    entries.set(unescapeText(line.slice(0, end)), unescapeText(value));
  }
  return entries;
}

/** Writes `key=value` lines, as RocketMQ does: nothing is escaped. */
export function formatPropertiesText(entries: Iterable<readonly [string, unknown]>): string {
  return [...entries].map(([key, value]) => `${key}=${value}\n`).join('');
}

/** Lines that hold an entry, with continued lines joined. */
function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | undefined;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (open === undefined && (line === '' || line.startsWith('#') || line.startsWith('!')))
      continue;
    const isContinued = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    const whole: string = (open ?? '') + (isContinued ? line.slice(0, -1) : line);
    if (!isContinued) lines.push(whole);
    open = isContinued ? whole : undefined;
  }
  if (open !== undefined) lines.push(open);
  return lines;
}

/** Where the key ends: at the first separator that is not escaped. */
function keyEnd(line: string): number {
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '\\') at += 1;
    else if (/[=: \t\f]/.test(character)) return at;
  }
  return line.length;
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescapeText(text: string): string {
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g,
    (_, hex: string | undefined, single: string) =>
      hex === undefined
        ? (ESCAPES[single] ?? single)
        : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
