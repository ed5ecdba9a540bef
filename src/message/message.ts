/** A message as an application gives it. */
export interface Message {
  readonly topic: string;
  /** The application's own number. */
  readonly flag: number;
  readonly body: Buffer;
  readonly properties: ReadonlyMap<string, string>;
}

/** A message as it is stored and delivered. */
export interface MessageExt extends Message {
  readonly queueId: number;
  /** Position in its queue: 0, 1, 2, … */
  readonly queueOffset: number;
  /** Byte position in the broker's commit log. */
  readonly commitLogOffset: number;
  /** See `SYS_FLAG`. */
  readonly sysFlag: number;
  /** When the client sent it, milliseconds since the epoch. */
  readonly bornTimestamp: number;
  /** `ip:port` of the client. */
  readonly bornHost: string;
  /** When the broker stored it, milliseconds since the epoch. */
  readonly storeTimestamp: number;
  /** `ip:port` of the broker. */
  readonly storeHost: string;
  /** How many times a consumer has sent it back. */
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  readonly bodyCrc: number;
  /** Length of the stored record. */
  readonly storeBytes: number;
  /** Names broker and commit-log offset: see `parseOffsetMessageId`. */
  readonly offsetMessageId: string;
}
