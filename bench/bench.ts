// The entry of `npm run bench`: the comparison with RocketMQ, unless its first argument names another bench.
// usage: npm run bench [-- compare | embedded | event-loop | generators | io-shards | micro | profile | publish | soak] [their options]
const ENTRIES: Readonly<Record<string, string>> = {
  compare: './compare/compare.js',
  embedded: './compare/embedded.js',
  'event-loop': './event-loop/event-loop.js',
  generators: './compare/generators.js',
  'io-shards': './profile/io-shards.js',
  micro: './micro.js',
  profile: './profile/stages.js',
  publish: './compare/publish.js',
  soak: './soak/soak.js',
};

const name = process.argv[2] ?? '';
const isNamed = Object.hasOwn(ENTRIES, name);
if (isNamed) process.argv.splice(2, 1);
else if (name !== '' && !name.startsWith('-'))
  throw new Error(`npm run bench takes ${Object.keys(ENTRIES).join(', ')}; not ${name}`);
await import(ENTRIES[isNamed ? name : 'compare'] ?? '');
