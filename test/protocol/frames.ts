import {
  FRAME_PREFIX_BYTES,
  HEADER_TYPE,
  type HeaderType,
  RequestView,
  writeFramePrefix,
} from '../../src/protocol/index.ts';

/** A frame around header bytes. */
export const frameOf = (
  header: Buffer | string,
  headerType: HeaderType = HEADER_TYPE.JSON,
  body: Buffer = Buffer.alloc(0),
): Buffer => {
  const bytes = Buffer.from(header);
  const frame = Buffer.alloc(FRAME_PREFIX_BYTES + bytes.length + body.length);
  writeFramePrefix(frame, 0, headerType, bytes.length, body.length);
  bytes.copy(frame, FRAME_PREFIX_BYTES);
  body.copy(frame, FRAME_PREFIX_BYTES + bytes.length);
  return frame;
};

/** Scans a frame that stands somewhere in a buffer; `undefined` where it is malformed. */
export const scanned = (frame: Buffer, view = new RequestView()): RequestView | undefined => {
  const buffer = Buffer.concat([Buffer.from('before'), frame, Buffer.from('after')]);
  return view.scan(buffer, 6, 6 + frame.length) ? view : undefined;
};

/** The send header rmqload writes, with `opaque` and a topic. */
export const sendHeader = (opaque: number, topic = 'TopicTest'): string =>
  `{"code":310,"language":"JAVA","opaque":${opaque},"flag":0,"version":395,"extFields":{"a":"load","b":"${topic}","c":"TBW102","d":"4","e":"3","f":"0","g":"1637000000000","h":"0","i":"WAIT\\u0001true\\u0002","j":"0","k":"false","m":"false"},"serializeTypeCurrentRPC":"JSON"}`;

/** The pull header rmqload writes. */
export const pullHeader = (opaque: number, queueOffset = 0): string =>
  `{"code":11,"language":"JAVA","opaque":${opaque},"flag":0,"version":395,"extFields":{"consumerGroup":"group","topic":"TopicTest","queueId":"3","queueOffset":"${queueOffset}","maxMsgNums":"32","sysFlag":"4","commitOffset":"0","suspendTimeoutMillis":"0","subscription":"*","subVersion":"0","expressionType":"TAG"},"serializeTypeCurrentRPC":"JSON"}`;
