/** The number after `name=` in a line of facts. */
export const field = (line: string, name: string): number | undefined => {
  const escaped = name.replace(/[./]/g, '\\$&');
  const value = line.match(new RegExp(`(?:^|\\s)${escaped}=([\\d.]+)`))?.[1];
  return value === undefined ? undefined : Number(value);
};
