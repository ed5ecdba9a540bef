import type { OptionTable } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import type { RunCommand } from './cli-context.ts';
import { CLIENT_OPTIONS, requirePositional, withClient } from './client-options.ts';
import type { ReceivedMessage } from './messaging-client.ts';

const COUNT_MAX = 1_000_000_000;

/** Options of `saturnmq consume`. */
export const CONSUME_OPTIONS: OptionTable = {
  group: { short: 'g', value: 'group', meaning: 'Consumer group (default saturnmq-cli)' },
  tags: { value: 'expression', meaning: 'Tags to receive, joined by "||" (default all)' },
  count: { value: 'n', meaning: 'End after n messages (default: end with Ctrl-C)' },
  'from-latest': { meaning: 'A new group begins with messages sent from now on' },
  verbose: { short: 'v', meaning: 'Print ids and queues too' },
  ...CLIENT_OPTIONS,
};

const line = (message: ReceivedMessage, isVerbose: boolean): string => {
  const text = message.body.toString();
  if (!isVerbose) return text;
  const { msgId, brokerName, queueId, queueOffset, tags, keys } = message;
  const marks = `${tags === undefined ? '' : ` tags=${tags}`}${keys === undefined ? '' : ` keys=${keys}`}`;
  return `msgId=${msgId} queue=${brokerName}/${queueId} queueOffset=${queueOffset}${marks} body=${text}`;
};

/** `saturnmq consume TOPIC`: prints messages, one a line, until it has enough or is interrupted. */
export const runConsume: RunCommand = async (args, context) => {
  const parsed = parseArguments(CONSUME_OPTIONS, args, 1);
  const topic = requirePositional(parsed, 0, 'topic');
  const countMax = parsed.integer('count', 1, COUNT_MAX) ?? Number.POSITIVE_INFINITY;
  const isVerbose = parsed.has('verbose');
  return withClient(parsed, context, async (client) => {
    let isEnough: () => void = () => undefined;
    const enough = new Promise<void>((done) => {
      isEnough = done;
    });
    const endSignals = context.onSignal((signal) => {
      if (signal !== 'SIGUSR2') isEnough();
    });
    let received = 0;
    const subscription = {
      topic,
      consumerGroup: parsed.text('group') ?? 'saturnmq-cli',
      subExpression: parsed.text('tags') ?? '*',
      isFromFirst: !parsed.has('from-latest'),
    };
    const consumer = await client.consume(subscription, (message) => {
      if (received >= countMax) return false;
      received += 1;
      context.out(line(message, isVerbose));
      if (received >= countMax) isEnough();
      return true;
    });
    await enough;
    await consumer.stop();
    endSignals();
    return 0;
  });
};
