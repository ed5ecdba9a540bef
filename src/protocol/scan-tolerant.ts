import { errorCode } from '../base/index.ts';
import type { HeaderFacts } from './header-facts.ts';
import { readJsonHeader } from './header-json.ts';
import type { RequestView } from './request-view.ts';
import { SLOT_COUNT, wireName } from './slots.ts';

const readOrUndefined = (view: RequestView): HeaderFacts | undefined => {
  try {
    return readJsonHeader(view.buffer, view.headerStart, view.headerEnd);
  } catch (error) {
    if (errorCode(error) === 'HEADER_MALFORMED') return undefined;
    throw error;
  }
};

/**
 * Reads a JSON header in any form a Java peer would take: blanks, any quotes, numbers for text, nested unknown keys.
 * Slow and rare; field values move to a buffer of their own. False where it is malformed.
 */
export function scanTolerantly(view: RequestView): boolean {
  const header = readOrUndefined(view);
  if (header === undefined) return false;
  view.code = header.code;
  view.language = header.language;
  view.version = header.version;
  view.opaque = header.opaque;
  view.flag = header.flag;
  const { extFields } = header;
  if (extFields === undefined) return true;
  const parts: Buffer[] = [];
  let at = 0;
  for (let slot = 0; slot < SLOT_COUNT; slot++) {
    const name = wireName(slot, header.code);
    if (!Object.hasOwn(extFields, name)) continue;
    const part = Buffer.from(extFields[name] ?? '');
    parts.push(part);
    view.present |= 1 << slot;
    view.starts[slot] = at;
    at += part.length;
    view.ends[slot] = at;
  }
  view.values = Buffer.concat(parts);
  return true;
}
