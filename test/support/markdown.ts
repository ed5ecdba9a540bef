/** A fenced block of a Markdown page. */
export interface FencedBlock {
  readonly language: string;
  /** Blocks with the same name are run together, in the order of the page; absent: not meant to be run as it stands. */
  readonly run: string | undefined;
  /** Where the block is saved before anything runs; absent in a shell block that is run. */
  readonly file: string | undefined;
  readonly body: string;
}

/** The fenced blocks of a page. What follows the language is `run=NAME` and `file=PATH`. */
export const fencedBlocks = (page: string): FencedBlock[] =>
  [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', body = '']) => {
    const [language = '', ...words] = info.trim().split(/\s+/);
    const value = (name: string): string | undefined =>
      words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
    return { language, run: value('run'), file: value('file'), body };
  });

/** The blocks that are run under `name`. */
export const runnableBlocks = (page: string, name: string): FencedBlock[] =>
  fencedBlocks(page).filter(({ run }) => run === name);

/** Where the links of a page lead, without links to other sites and to headings of the page itself. */
export const localLinks = (page: string): string[] =>
  [...page.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
