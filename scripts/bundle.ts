// Writes dist/lib, what the programs and the package run: the compiled sources in few files, because Node 20 loads
// modules one by one (ADR 0007).
// usage: node dist/scripts/bundle.js
import { copyFileSync, rmSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';

/** Modules of dist/src that are entered by name: by users of the package, by its programs, by its threads. */
const ENTRIES: Readonly<Record<string, string>> = {
  index: 'index.js',
  ring: 'ring/index.js',
  client: 'client/index.js',
  testing: 'node/testing/index.js',
  main: 'cli/main.js',
  'node.worker': 'node/embed/node.worker.js',
  'shard.worker': 'actors/shard.worker.js',
  'pool.worker': 'actors/pool.worker.js',
  'namesrv-shard': 'node/namesrv-shard.js',
  'broker-shard': 'node/broker-shard.js',
  'io-shard': 'node/io-shard.js',
  'pool-tasks': 'node/pool-tasks.js',
};
/** Piscina's entry, which it must find as CommonJS. */
const COPIED = 'actors/pool.entry.cjs';
const PLACE = /new URL\('(\.[^']*)', import\.meta\.url\)/g;

const slashed = (path: string): string => path.replaceAll(sep, '/');

/**
 * What a module names by a place relative to its own, seen from `lib`: entries lie there side by side.
 * @throws where it names a module that is no entry.
 */
export const placeFromLib = (place: string, module: string, folder: string): string => {
  const path = resolve(dirname(module), place);
  const source = slashed(relative(join(folder, 'src'), path));
  if (source === COPIED) return `./${basename(COPIED)}`;
  const entry = Object.keys(ENTRIES).find((name) => ENTRIES[name] === source);
  if (entry !== undefined) return `./${entry}.js`;
  if (/\.c?js$/.test(path)) throw new Error(`${module} starts ${source}, which is no entry of lib`);
  // `relative` drops the slash that makes a folder of it.
  return slashed(relative(join(folder, 'lib'), path)) + (place.endsWith('/') ? '/' : '');
};

const placesFromLib = (folder: string): Plugin => ({
  name: 'places-from-lib',
  transform: (code, module) =>
    code.replace(
      PLACE,
      (_, place: string) => `new URL('${placeFromLib(place, module, folder)}', import.meta.url)`,
    ),
});

/** Bundles what was compiled into `folder`. */
export const bundle = async (folder: string): Promise<void> => {
  const source = join(folder, 'src');
  const lib = join(folder, 'lib');
  const input = Object.fromEntries(
    Object.entries(ENTRIES).map(([name, path]) => [name, join(source, path)]),
  );
  const made = await rolldown({
    input,
    platform: 'node',
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    plugins: [placesFromLib(folder)],
  });
  try {
    // Files of an earlier bundle would be packed, too.
    rmSync(lib, { recursive: true, force: true });
    await made.write({
      dir: lib,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
    });
    copyFileSync(join(source, COPIED), join(lib, basename(COPIED)));
  } finally {
    await made.close();
  }
};

const isMain = process.argv[1] === fileURLToPath(import.meta.url);
if (isMain) await bundle(fileURLToPath(new URL('../', import.meta.url)));
