import type { Arguments, OptionTable } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import type { CliContext, RunCommand } from './cli-context.ts';
import { CliError } from './cli-error.ts';
import { CLIENT_OPTIONS, requirePositional, withClient } from './client-options.ts';
import type { MessagingClient } from './messaging-client.ts';

const QUEUES_MAX = 65_536;
const PERM_READ_WRITE = 6;

/** Options of `saturnmq topic`. */
export const TOPIC_OPTIONS: OptionTable = {
  queues: { value: 'n', meaning: 'Queues of a created topic (default 8)' },
  ...CLIENT_OPTIONS,
};

type TopicAction = (
  client: MessagingClient,
  parsed: Arguments,
  context: CliContext,
) => Promise<void>;

const ACTIONS: Readonly<Record<string, TopicAction>> = {
  async list(client, _, context) {
    for (const name of [...(await client.listTopics())].sort()) context.out(name);
  },
  async create(client, parsed, context) {
    const name = requirePositional(parsed, 1, 'topic');
    const queues = parsed.integer('queues', 1, QUEUES_MAX) ?? 8;
    await client.createTopic({ name, queues, perm: PERM_READ_WRITE });
    context.out(`created ${name} with ${queues} queues`);
  },
  async delete(client, parsed, context) {
    const name = requirePositional(parsed, 1, 'topic');
    await client.deleteTopic(name);
    context.out(`deleted ${name}`);
  },
  async status(client, parsed, context) {
    const queues = await client.topicStatus(requirePositional(parsed, 1, 'topic'));
    for (const { brokerName, queueId, queueOffsetMin, queueOffsetMax } of queues)
      context.out(
        `${brokerName}/${queueId} queueOffsetMin=${queueOffsetMin} queueOffsetMax=${queueOffsetMax}`,
      );
  },
};

/** `saturnmq topic list|create|delete|status [NAME]`. */
export const runTopic: RunCommand = async (args, context) => {
  const parsed = parseArguments(TOPIC_OPTIONS, args, 2);
  const name = requirePositional(parsed, 0, `action (${Object.keys(ACTIONS).join(', ')})`);
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined)
    throw new CliError(
      `unknown action ${JSON.stringify(name)}; there are ${Object.keys(ACTIONS).join(', ')}`,
    );
  return withClient(parsed, context, async (client) => {
    await action(client, parsed, context);
    return 0;
  });
};
