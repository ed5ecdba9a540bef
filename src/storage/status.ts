/** What `append` answers. @source rocketmq 4.9.2 store/PutMessageStatus.java */
export const PutStatus = {
  PUT_OK: 0,
  SERVICE_NOT_AVAILABLE: 3,
  CREATE_MAPEDFILE_FAILED: 4,
  MESSAGE_ILLEGAL: 5,
  PROPERTIES_SIZE_EXCEEDED: 6,
  OS_PAGECACHE_BUSY: 7,
  UNKNOWN_ERROR: 8,
} as const;
export type PutStatus = (typeof PutStatus)[keyof typeof PutStatus];

/** What `getMessages` answers. @source rocketmq 4.9.2 store/GetMessageStatus.java */
export const GetStatus = {
  FOUND: 0,
  NO_MATCHED_MESSAGE: 1,
  MESSAGE_WAS_REMOVING: 2,
  OFFSET_FOUND_NULL: 3,
  OFFSET_OVERFLOW_BADLY: 4,
  OFFSET_OVERFLOW_ONE: 5,
  OFFSET_TOO_SMALL: 6,
  NO_MATCHED_LOGIC_QUEUE: 7,
  NO_MESSAGE_IN_QUEUE: 8,
} as const;
export type GetStatus = (typeof GetStatus)[keyof typeof GetStatus];

const GET_STATUS_NAMES: readonly string[] = Object.keys(GetStatus);

/** RocketMQ's name of a status: a pull response carries it as its remark. */
export function getStatusName(status: GetStatus): string {
  return GET_STATUS_NAMES[status] ?? 'UNKNOWN';
}

const PUT_STATUS_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(PutStatus).map(([name, status]) => [status, name]),
);

/** RocketMQ's name of a put status, for remarks and logs. */
export function putStatusName(status: PutStatus): string {
  return PUT_STATUS_NAMES.get(status) ?? 'UNKNOWN';
}
