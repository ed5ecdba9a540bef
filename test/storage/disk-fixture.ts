// What the contract's claims share.
import { type Disk, errorCode, type SegmentFile } from '../../src/base/index.ts';

/** One disk under test with an empty folder on it. */
export interface DiskFixture {
  readonly disk: Disk;
  readonly root: string;
  /** Starts a call with a callback and resolves once it was called; fails when it was called in the same turn. */
  settle(start: (done: (error?: Error) => void) => void): Promise<Error | undefined>;
  remove(): void;
}

/** Makes a disk with an empty folder. */
export type MakeFixture = () => DiskFixture;

/** Length of the segments under test. */
export const SEGMENT_BYTES = 192 * 1024;
/** Sizes a fixture should use so that windows slide and steps end within a small segment. */
export const SMALL_SIZES = { windowBytes: 32 * 1024, allocateBytes: 65_536, prepareBytes: 65_536 };

/** The code of what `body` throws. */
export const codeOf = (body: () => unknown): string | undefined => {
  try {
    body();
    return 'no error';
  } catch (error) {
    return errorCode(error);
  }
};

/** Runs `body` with a disk of its own. */
export const use = async (
  make: MakeFixture,
  body: (fixture: DiskFixture) => void | Promise<void>,
): Promise<void> => {
  const fixture = make();
  try {
    await body(fixture);
  } finally {
    fixture.remove();
  }
};

/** Opens or creates a writable segment. */
export const openSegment = ({ disk, root }: DiskFixture, name = 'segment'): SegmentFile =>
  disk.openSegment(`${root}/${name}`, { bytes: SEGMENT_BYTES, create: true, writable: true });

/** Puts bytes into a segment as the store does. */
export const put = (segment: SegmentFile, position: number, bytes: Uint8Array): void => {
  segment.moveWindow(position, bytes.length);
  segment.window.set(bytes, position - segment.windowStart);
  segment.writeOut(position, position + bytes.length);
};
