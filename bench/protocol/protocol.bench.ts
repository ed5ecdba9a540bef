// Measures: what one message costs in frames, headers, properties and records, each step alone. The headers are those
// rmqload writes (send 267 bytes, pull 333), bodies have 128 bytes.
// Threads: 1. Unit: nanoseconds an operation as `benchmark` samples it (median, least and most), and beside it of processor
// time, so that other work on the machine counts less.
import { assert } from '../../src/base/index.ts';
import {
  offsetMessageIdPrefix,
  RecordEncoder,
  RecordFields,
  RecordView,
  readRecord,
  recordBytes,
  rewriteSendProperties,
  SendProperties,
} from '../../src/message/index.ts';
import {
  decodeCommand,
  encodeCommand,
  FRAME_PREFIX_BYTES,
  FrameDecoder,
  HEADER_TYPE,
  type HeaderOf,
  type HeaderType,
  HotResponse,
  positionalBytesMax,
  RequestView,
  readPositional,
  requestCommand,
  SendMessage,
  SendMessageV2,
  SLOT,
  writeFramePrefix,
  writePositional,
} from '../../src/protocol/index.ts';
import { report } from '../support/measure.ts';
import { sampled } from '../support/sampled.ts';

/** Operations a call: a multiple of the frames, many enough that the call itself does not count. */
const OPERATIONS = 1_000;
const FRAMES = 50;
const BODY_BYTES = 128;

const sendHeader = (opaque: number): string =>
  `{"code":310,"language":"JAVA","opaque":${opaque},"flag":0,"version":395,"extFields":{"a":"load","b":"TopicTest","c":"TBW102","d":"4","e":"3","f":"0","g":"1637000000000","h":"0","i":"WAIT\\u0001true\\u0002","j":"0","k":"false","m":"false"},"serializeTypeCurrentRPC":"JSON"}`;
const pullHeader = (opaque: number): string =>
  `{"code":11,"language":"JAVA","opaque":${opaque},"flag":0,"version":395,"extFields":{"consumerGroup":"groupA","topic":"TopicTest","queueId":"3","queueOffset":"123456","maxMsgNums":"32","sysFlag":"4","commitOffset":"0","suspendTimeoutMillis":"0","subscription":"*","subVersion":"0","expressionType":"TAG"},"serializeTypeCurrentRPC":"JSON"}`;

const frameOf = (header: string, bodyBytes: number): Buffer => {
  const bytes = Buffer.from(header);
  const frame = Buffer.alloc(FRAME_PREFIX_BYTES + bytes.length + bodyBytes, 'x');
  writeFramePrefix(frame, 0, 0, bytes.length, bodyBytes);
  bytes.copy(frame, FRAME_PREFIX_BYTES);
  return frame;
};

/** Equally long frames, back to back, as a read event brings them. */
const chunkOf = (header: (opaque: number) => string, bodyBytes: number): Buffer =>
  Buffer.concat(
    Array.from({ length: FRAMES }, (_, index) => frameOf(header(100_000 + index), bodyBytes)),
  );

/** Samples one operation; gives how often it ran. */
const measure = async (name: string, operation: (index: number) => void): Promise<number> => {
  const result = await sampled(OPERATIONS, () => {
    for (let index = 0; index < OPERATIONS; index++) operation(index);
  });
  report(`protocol/${name}`, 'ns', result);
  return result.operations;
};

const view = new RequestView();

const measureScan = async (name: string, chunk: Buffer): Promise<void> => {
  const length = chunk.length / FRAMES;
  let opaques = 0;
  const scanned = await measure(name, (index) => {
    const at = (index % FRAMES) * length;
    view.scan(chunk, at, at + length);
    opaques += view.opaque;
  });
  const mean = opaques / scanned;
  assert(mean === 100_000 + (FRAMES - 1) / 2, `opaques of ${name} were read`);
};

await measureScan('scan-send', chunkOf(sendHeader, BODY_BYTES));
await measureScan('scan-pull', chunkOf(pullHeader, 0));

const binary = (header: string): Buffer => {
  const frame = frameOf(header, 0);
  view.scan(frame, 0, frame.length);
  return encodeCommand(decodeCommand(view), 1);
};
await measureScan(
  'scan-send-binary',
  Buffer.concat(Array.from({ length: FRAMES }, (_, index) => binary(sendHeader(100_000 + index)))),
);

const sendFields = (index: number): HeaderOf<typeof SendMessageV2.request> => ({
  producerGroup: 'load',
  topic: 'TopicTest',
  defaultTopic: 'TBW102',
  defaultTopicQueueNums: 4,
  queueId: 3,
  sysFlag: 0,
  bornTimestamp: 1_637_000_000_000 + index,
  flag: 0,
  properties: 'UNIQ_KEY\u00010A0102030001000000000000000000AA\u0002WAIT\u0001true\u0002',
  reconsumeTimes: 0,
  unitMode: false,
  maxReconsumeTimes: 16,
  batch: false,
});
const positional = (opaque: number): Buffer => {
  const header = sendFields(0);
  const frame = Buffer.alloc(positionalBytesMax(SendMessageV2.request, header));
  const facts = { code: 310, flag: 0, opaque };
  return frame.subarray(0, writePositional(frame, 0, facts, SendMessageV2.request, header, 0));
};
await measureScan(
  'scan-send-positional',
  Buffer.concat(Array.from({ length: FRAMES }, (_, index) => positional(100_000 + index))),
);

// The same headers from clients that each write their keys in an order of their own: no skeleton fits.
const shuffled = Buffer.concat(
  Array.from({ length: FRAMES }, (_, index) => {
    const header = sendHeader(100_000 + index);
    const pad = '0'.repeat(1 + (index % 7));
    const rest = '0'.repeat(8 - (index % 7));
    return frameOf(header.replace('"flag":0', `"x":"${pad}","y":"${rest}","flag":0`), BODY_BYTES);
  }),
);
await measureScan('scan-send-without-skeleton', shuffled);

const chunk = chunkOf(sendHeader, BODY_BYTES);
await measure('decode-command', (index) => {
  const at = (index % FRAMES) * (chunk.length / FRAMES);
  view.scan(chunk, at, at + chunk.length / FRAMES);
  decodeCommand(view, false);
});

// A client's side of a send: the header object is made for each message, as an application's message brings it.
const request = Buffer.alloc(1024);
const facts = { code: 310, flag: 0, opaque: 0 };
for (const [name, headerType] of [
  ['send-request', HEADER_TYPE.JSON],
  ['send-request-binary', HEADER_TYPE.ROCKETMQ],
] as const) {
  await measure(name, (index) => {
    const command = requestCommand(SendMessageV2, sendFields(index), { opaque: index });
    encodeCommand(command, headerType);
  });
}
let requestBytes = 0;
await measure('send-request-positional', (index) => {
  const header = sendFields(index);
  const bytes = positionalBytesMax(SendMessageV2.request, header);
  if (bytes > request.length) throw new Error('the request does not fit');
  facts.opaque = index;
  requestBytes = writePositional(request, 0, facts, SendMessageV2.request, header, BODY_BYTES);
});
assert(requestBytes === positional(0).length, 'the whole header was written');

let taken = 0;
const decoder = new FrameDecoder();
const sink = {
  onFrame: (): boolean => {
    taken += 1;
    return true;
  },
};
const pushed = await measure('frame', (index) => {
  if (index % FRAMES === 0) decoder.push(chunk, sink);
});
assert(taken === pushed, 'each frame came out');

view.scan(chunk, 0, chunk.length / FRAMES);
await measure('topic-text', () => {
  if (view.string(SLOT.topic)?.length !== 9) throw new Error('the topic was read wrong');
});

const source = Buffer.from(
  'UNIQ_KEY\u00010A0102030001000000000000000000AA\u0002WAIT\u0001true\u0002TAGS\u0001TagA',
);
const target = Buffer.alloc(1024);
const cluster = Buffer.from('DefaultCluster');
const properties = new SendProperties();
await measure('send-properties', () => {
  rewriteSendProperties(source, 0, source.length, target, 0, cluster, properties);
});
assert(properties.tagsCode === 2598919, 'the tag was read');

const fields = Object.assign(new RecordFields(), {
  bornTimestamp: 1_700_000_000_000,
  bornHost: Buffer.from([10, 1, 2, 3]),
  storeTimestamp: 1_700_000_000_001,
  storeHost: Buffer.from([10, 1, 2, 4]),
  body: Buffer.alloc(BODY_BYTES + 10, 'b'),
  bodyStart: 10,
  bodyBytes: BODY_BYTES,
  topic: Buffer.from('TopicTest'),
  topicBytes: 9,
  properties: target,
  propertiesBytes: properties.bytes,
});
const segment = Buffer.alloc(FRAMES * recordBytes(fields));
const encoder = new RecordEncoder();
await measure('encode-record', (index) => {
  fields.queueOffset = index;
  fields.commitLogOffset = 5e9 + index * 300;
  encoder.encode(segment, (index % FRAMES) * (segment.length / FRAMES), fields);
});
const record = new RecordView();
await measure('read-record', (index) => {
  const kind = readRecord(
    segment,
    (index % FRAMES) * (segment.length / FRAMES),
    segment.length,
    record,
    true,
  );
  if (kind !== 'record') throw new Error(kind);
});

const output = Buffer.alloc(1024);
const send = new HotResponse(
  [
    { key: 'MSG_REGION', constant: 'DefaultRegion' },
    { key: 'TRACE_ON', constant: 'true' },
    {
      key: 'msgId',
      hexAfter: offsetMessageIdPrefix(Buffer.from([10, 0, 0, 1]), 10911).toString(),
    },
    { key: 'queueId', number: true },
    { key: 'queueOffset', number: true },
  ],
  SendMessage.response,
);
for (const [name, headerType] of [
  ['send-response', HEADER_TYPE.JSON],
  ['send-response-binary', HEADER_TYPE.ROCKETMQ],
  ['send-response-positional', HEADER_TYPE.POSITIONAL],
] as const satisfies readonly (readonly [string, HeaderType])[]) {
  let bytes = 0;
  await measure(name, (index) => {
    send.numbers[0] = 5e9 + index * 300;
    send.numbers[1] = 3;
    send.numbers[2] = index;
    bytes = send.write(output, 0, headerType, index, 0, 0);
  });
  view.scan(output, 0, bytes);
}
let offsets = 0;
const answers = await measure('read-send-response-positional', () => {
  offsets += readPositional(SendMessage.response, view).queueOffset;
});
assert(offsets === answers * (OPERATIONS - 1), 'each answer was read');
