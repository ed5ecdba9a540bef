import { errorCode, errorMessage, type Scheduler } from '../base/index.ts';
import {
  type CommandDefinition,
  type HeaderOf,
  type HeaderSchema,
  type RemotingCommand,
  type RequestView,
  ResponseCode,
  responseCodeName,
} from '../protocol/index.ts';
import type { Channel } from './channel.ts';
import { ClientError, type ClientErrorCode } from './errors.ts';

/** Bounds of one request. */
export interface RequestBounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

const FROM_TRANSPORT: Readonly<Record<string, ClientErrorCode>> = {
  BAD_ADDRESS: 'BAD_ARGUMENT',
  REQUEST_TIMEOUT: 'TIMEOUT',
  TOO_MANY_REQUESTS: 'TOO_MANY_IN_FLIGHT',
  CLIENT_CLOSED: 'CLOSED',
};

/** The client's error for a failure of the transport. */
export const transportFailure = (error: Error, address: string): ClientError => {
  const code = FROM_TRANSPORT[errorCode(error) ?? ''] ?? 'CONNECTION_FAILED';
  return new ClientError(code, errorMessage(error), { address }, error);
};

/** The error of a call whose signal was triggered. */
export const abortedError = (signal: AbortSignal): ClientError =>
  new ClientError('ABORTED', 'the call was aborted', {}, signal.reason);

/** Runs `begin`, which must end with `resolve` or `reject`; an abort ends it before. */
const abortable = <T>(
  signal: AbortSignal | undefined,
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortedError(signal));
      return;
    }
    const onAbort = (): void => {
      if (signal) reject(abortedError(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const end = (): void => signal?.removeEventListener('abort', onAbort);
    begin(
      (value) => {
        end();
        resolve(value);
      },
      (error) => {
        end();
        reject(error);
      },
    );
  });

/** One command, ready to be called. */
export interface Call<Q extends HeaderSchema, S extends HeaderSchema> {
  readonly command: CommandDefinition<Q, S>;
  readonly address: string;
  readonly header: HeaderOf<Q>;
  readonly body: Buffer | undefined;
}

/**
 * Calls once; `read` makes the result out of the answer's frame, and may throw. A response with an error code is a response.
 * @throws {ClientError} TIMEOUT, CONNECTION_FAILED, ABORTED, CLOSED, TOO_MANY_IN_FLIGHT, BAD_ARGUMENT
 */
export const request = <Q extends HeaderSchema, S extends HeaderSchema, T>(
  channel: Channel,
  { command, address, header, body }: Call<Q, S>,
  { timeoutMs, signal }: RequestBounds,
  read: (view: RequestView) => T,
): Promise<T> =>
  abortable(signal, (resolve, reject) =>
    channel.call(command, address, header, body, timeoutMs, (error, view) => {
      if (view === undefined) {
        reject(transportFailure(error ?? new Error('no response'), address));
        return;
      }
      try {
        resolve(read(view));
      } catch (failure) {
        reject(failure instanceof Error ? failure : new Error(String(failure)));
      }
    }),
  );

/** Sends without waiting for an answer; resolves when the bytes are on their way. */
export const oneway = <Q extends HeaderSchema, S extends HeaderSchema>(
  channel: Channel,
  { command, address, header, body }: Call<Q, S>,
  signal?: AbortSignal,
): Promise<void> =>
  abortable(signal, (resolve, reject) =>
    channel.oneway(command, address, header, body, (error) => {
      if (error === undefined) resolve();
      else reject(transportFailure(error, address));
    }),
  );

/** Resolves after `delayMs`; the process may end meanwhile. */
export const delay = (
  scheduler: Scheduler,
  delayMs: number,
  signal?: AbortSignal,
  keepAlive = false,
): Promise<void> => {
  let cancel: () => void = () => undefined;
  const waiting = abortable<void>(signal, (resolve) => {
    const timer = scheduler.setTimer(delayMs, () => resolve(undefined), keepAlive);
    cancel = () => timer.cancel();
  });
  return waiting.catch((error: unknown) => {
    cancel();
    throw error;
  });
};

const BUSY_CODES: ReadonlySet<number> = new Set([
  ResponseCode.SYSTEM_BUSY,
  ResponseCode.SERVICE_NOT_AVAILABLE,
]);

/** The error for a response that is not what was hoped for. */
export const refusal = (
  address: string,
  response: Pick<RemotingCommand, 'code' | 'remark'>,
): ClientError => {
  const { code: responseCode, remark = '' } = response;
  const text = `${address} answered ${responseCodeName(responseCode)} (${responseCode}): ${remark}`;
  const code = BUSY_CODES.has(responseCode) ? 'BUSY' : 'REFUSED';
  return new ClientError(code, text, { address, responseCode, remark });
};

/** The response code inside of a refusal, or `undefined` for any other error. */
export const refusedWith = (error: unknown): number | undefined => {
  const code = errorCode(error);
  if (code !== 'REFUSED' && code !== 'BUSY') return undefined;
  const { responseCode } = (error as ClientError).details;
  return typeof responseCode === 'number' ? responseCode : undefined;
};

/**
 * Waits for work that others share, so that an abort or the end of the time ends the wait and not the work.
 * @throws {ClientError} TIMEOUT, ABORTED, and what the work throws
 */
export const within = <T>(
  scheduler: Scheduler,
  work: Promise<T>,
  { timeoutMs, signal }: RequestBounds,
): Promise<T> => {
  // Whoever stopped waiting does not hear of a failure; that must not count as one nobody handled.
  work.catch(() => undefined);
  return abortable(signal, (resolve, reject) => {
    const timer = scheduler.setTimer(timeoutMs, () =>
      reject(new ClientError('TIMEOUT', `no result within ${timeoutMs} ms`, { timeoutMs })),
    );
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: Error) => {
        timer.cancel();
        reject(error);
      },
    );
  });
};
