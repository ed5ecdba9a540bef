import type {
  Disk,
  DiskFile,
  OpenFileOptions,
  OpenSegmentOptions,
  SegmentFile,
} from '../../src/base/index.ts';

/** Wraps `target` so that `before` runs ahead of each call of the named methods. */
function observe<T extends object>(target: T, names: readonly string[], before: () => void): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        if (names.includes(String(name))) before();
        return Reflect.apply(value, target, parameters);
      };
    },
  });
}

/** A disk that calls `onWrite` before everything that changes what it holds: each point at which a crash can hit. */
export function hookDisk(disk: Disk, onWrite: () => void): Disk {
  const outer = observe(disk, ['remove', 'rename', 'writeFile', 'makeFolder'], onWrite);
  return new Proxy(outer, {
    get(_, name) {
      if (name === 'openFile')
        return (path: string, options: OpenFileOptions): DiskFile => {
          onWrite();
          return observe(disk.openFile(path, options), ['write', 'sync'], onWrite);
        };
      if (name === 'openSegment')
        return (path: string, options: OpenSegmentOptions): SegmentFile => {
          onWrite();
          const names = ['writeOut', 'moveWindow', 'sync'];
          return observe(disk.openSegment(path, options), names, onWrite);
        };
      return Reflect.get(outer, name);
    },
  });
}
