/**
 * Implementation languages by wire code (binary header) and name (JSON header).
 * @source rocketmq 5.3.3 remoting/protocol/LanguageCode.java; 12 and 13 are new in 5.x
 */
export const LANGUAGES = [
  'JAVA',
  'CPP',
  'DOTNET',
  'PYTHON',
  'DELPHI',
  'ERLANG',
  'RUBY',
  'OTHER',
  'HTTP',
  'GO',
  'PHP',
  'OMS',
  'RUST',
  'NODE_JS',
] as const;

/** A language by name. */
export type Language = (typeof LANGUAGES)[number];

/** Wire code of what this package sends. Old peers know it; they do not know NODE_JS. */
export const LANGUAGE_JAVA = 0;
/** What an unknown language counts as. */
export const LANGUAGE_OTHER = 7;

const CODES: ReadonlyMap<string, number> = new Map(LANGUAGES.map((name, code) => [name, code]));

/** Name of a language code; an unknown code counts as OTHER. */
export const languageName = (code: number): Language => LANGUAGES[code] ?? 'OTHER';

/** Code of a language name; an unknown name counts as OTHER. */
export const languageCode = (name: string): number => CODES.get(name) ?? LANGUAGE_OTHER;
