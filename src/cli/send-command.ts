import type { OptionTable } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import type { RunCommand } from './cli-context.ts';
import { CliError } from './cli-error.ts';
import { CLIENT_OPTIONS, requirePositional, withClient } from './client-options.ts';

const COUNT_MAX = 1_000_000_000;

/** Options of `saturnmq send`. */
export const SEND_OPTIONS: OptionTable = {
  tags: { value: 'tag', meaning: 'Tag of the message' },
  keys: { value: 'keys', meaning: 'Keys of the message, separated by blanks' },
  count: { value: 'n', meaning: 'Send BODY n times (default 1)' },
  ...CLIENT_OPTIONS,
};

async function* repeated(body: string, count: number): AsyncIterable<string> {
  for (let sent = 0; sent < count; sent++) yield body;
}

/** `saturnmq send TOPIC [BODY]`: one message, or one for each line of standard input. */
export const runSend: RunCommand = async (args, context) => {
  const parsed = parseArguments(SEND_OPTIONS, args, 2);
  const topic = requirePositional(parsed, 0, 'topic');
  const count = parsed.integer('count', 1, COUNT_MAX) ?? 1;
  const body = parsed.positionals[1];
  if (body === undefined && parsed.has('count'))
    throw new CliError('--count repeats a BODY: saturnmq send TOPIC BODY --count n');
  const tags = parsed.text('tags');
  const keys = parsed.text('keys');
  const extras = {
    ...(tags === undefined ? {} : { tags }),
    ...(keys === undefined ? {} : { keys }),
  };
  const bodies = body === undefined ? context.readLines() : repeated(body, count);
  return withClient(parsed, context, async (client) => {
    for await (const text of bodies) {
      const sent = await client.send({ topic, body: Buffer.from(text), ...extras });
      context.out(
        `${sent.sendStatus} msgId=${sent.msgId} queue=${sent.brokerName}/${sent.queueId} queueOffset=${sent.queueOffset}`,
      );
    }
    return 0;
  });
};
