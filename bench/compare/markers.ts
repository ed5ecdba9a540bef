/** `page` with `text` between `<!-- name:begin -->` and `<!-- name:end -->`; undefined where it has no such lines. */
export const between = (page: string, name: string, text: string): string | undefined => {
  const begin = `<!-- ${name}:begin -->\n`;
  const end = `\n<!-- ${name}:end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) return undefined;
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
};
