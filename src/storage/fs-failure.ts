import { type ErrorFacts, errorCode, errorMessage } from '../base/index.ts';
import { StorageError, type StorageErrorCode } from './storage-error.ts';

/** Which setting put a folder where it is, so that an error can name it. */
export interface FolderSetting {
  readonly folder: string;
  /** The setting's name, for example `storePathRootDir`. */
  readonly setting: string;
}

/** What was tried when the operating system refused. */
export interface Attempt {
  readonly path: string;
  /** Reads after "cannot": `write 4096 bytes at 8192 of`. */
  readonly action: string;
  readonly neededBytes?: number;
  /** Looked up only when the disk turns out to be full. */
  readonly freeBytes?: (() => number | undefined) | undefined;
  readonly settings?: readonly FolderSetting[] | undefined;
}

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const REFUSED = new Set(['EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'EROFS', 'ENAMETOOLONG', 'ELOOP']);

/** The setting whose folder holds `path`; the deepest folder wins. */
export function settingOf(
  path: string,
  settings: readonly FolderSetting[] | undefined,
): string | undefined {
  let found: FolderSetting | undefined;
  for (const candidate of settings ?? []) {
    const folder = candidate.folder.replace(/[\\/]+$/, '');
    const isInside =
      path === folder || path.startsWith(`${folder}/`) || path.startsWith(`${folder}\\`);
    if (isInside && (found === undefined || folder.length > found.folder.length)) found = candidate;
  }
  return found?.setting;
}

/** Turns what `node:fs` or libc reported into a `StorageError` that says what to do. */
export function fsFailure(error: unknown, attempt: Attempt): StorageError {
  if (error instanceof StorageError) return error;
  const errno = errorCode(error);
  const setting = settingOf(attempt.path, attempt.settings);
  const facts = { path: attempt.path, errno, setting };
  if (errno !== undefined && FULL.has(errno)) return diskFull(attempt, facts, error);
  const where = setting === undefined ? '' : ` The folder comes from the setting ${setting}.`;
  const code = codeOf(errno);
  const reason = errorMessage(error);
  return new StorageError(
    code,
    `cannot ${attempt.action} ${attempt.path}: ${reason}.${where}`,
    facts,
    error,
  );
}

/** A full disk, with what was needed and what is left. */
export function diskFull(attempt: Attempt, facts: ErrorFacts, cause?: unknown): StorageError {
  const freeBytes = attempt.freeBytes?.();
  const setting = settingOf(attempt.path, attempt.settings);
  const needed =
    attempt.neededBytes === undefined ? '' : `, ${attempt.neededBytes} bytes are needed`;
  const left = freeBytes === undefined ? '' : `, ${freeBytes} are free`;
  const remedy =
    setting === undefined
      ? 'Free space on that disk.'
      : `Free space on that disk, or point ${setting} to another one.`;
  return new StorageError(
    'DISK_FULL',
    `cannot ${attempt.action} ${attempt.path}: the disk is full${needed}${left}. ${remedy}`,
    { ...facts, path: attempt.path, neededBytes: attempt.neededBytes, freeBytes, setting },
    cause,
  );
}

function codeOf(errno: string | undefined): StorageErrorCode {
  if (errno === 'ENOENT') return 'NOT_FOUND';
  return errno !== undefined && REFUSED.has(errno) ? 'BAD_FOLDER' : 'IO_FAILED';
}
