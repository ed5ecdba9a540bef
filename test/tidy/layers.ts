/** What a folder of `src` may import: other folders, entered through their `index.ts`. The table of the design. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  ring: ['base'],
  message: ['base'],
  protocol: ['base', 'message'],
  storage: ['base', 'message'],
  filter: ['base', 'message'],
  actors: ['base', 'ring'],
  transport: ['base', 'ring', 'protocol'],
  broker: ['base', 'ring', 'message', 'protocol', 'storage', 'filter', 'actors', 'transport'],
  namesrv: ['base', 'ring', 'message', 'protocol', 'storage', 'filter', 'actors', 'transport'],
  // The client loads no koffi, so it stays clear of storage.
  client: ['base', 'ring', 'message', 'protocol', 'filter', 'actors', 'transport'],
  console: ['base', 'client'],
  node: [
    'base',
    'ring',
    'message',
    'protocol',
    'storage',
    'filter',
    'actors',
    'transport',
    'broker',
    'namesrv',
    'client',
    'console',
  ],
  // `saturnmq bench` writes frames itself: a client would be the bottleneck.
  cli: ['base', 'message', 'protocol', 'transport', 'client', 'node'],
  // `src/index.ts`, the package's public names.
  '': ['base', 'ring', 'client', 'node'],
};

/** Packages that one place wraps, so that they can be replaced there: name to path prefixes under `src`. */
export const CONFINED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  koffi: ['storage/mmap/'],
  comlink: ['actors/control'],
  piscina: ['actors/pool'],
  pino: ['node/logging.ts'],
  'pino-pretty': ['node/logging.ts'],
  'dot-properties': ['node/config/'],
};
