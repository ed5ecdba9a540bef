import { ACTORS_OPTIONS, runActors } from './actors-command.ts';
import type { OptionTable } from './arguments.ts';
import type { RunCommand } from './cli-context.ts';
import { CONSUME_OPTIONS, runConsume } from './consume-command.ts';
import { runSend, SEND_OPTIONS } from './send-command.ts';
import {
  MQBROKER_OPTIONS,
  MQNAMESRV_OPTIONS,
  runMqbroker,
  runMqnamesrv,
  runStart,
  START_OPTIONS,
} from './server-commands.ts';
import { runTestBroker, TEST_BROKER_OPTIONS } from './test-broker-command.ts';
import { runTopic, TOPIC_OPTIONS } from './topic-command.ts';

/** A command as data; help and dispatch derive from it. */
export interface Command {
  /** How it is written, options aside. */
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionTable;
  /** Options by kind, for a command that has several kinds; loaded when somebody asks. */
  readonly sections?: () => Promise<Readonly<Record<string, OptionTable>>>;
  readonly run: RunCommand;
}

/** Programs that take RocketMQ's options. */
export const SERVER_PROGRAMS: Readonly<Record<'mqnamesrv' | 'mqbroker', Command>> = {
  mqnamesrv: {
    usage: 'mqnamesrv',
    summary: 'Start a name server.',
    options: MQNAMESRV_OPTIONS,
    run: runMqnamesrv,
  },
  mqbroker: {
    usage: 'mqbroker',
    summary: 'Start a broker.',
    options: MQBROKER_OPTIONS,
    run: runMqbroker,
  },
};

/** Sub-commands of `saturnmq`. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  start: {
    usage: 'saturnmq start',
    summary: 'Start a name server and a broker on this machine.',
    options: START_OPTIONS,
    run: runStart,
  },
  send: {
    usage: 'saturnmq send TOPIC [BODY]',
    summary: 'Send a message, or one for each line of standard input.',
    options: SEND_OPTIONS,
    run: runSend,
  },
  consume: {
    usage: 'saturnmq consume TOPIC',
    summary: 'Print the messages of a topic.',
    options: CONSUME_OPTIONS,
    run: runConsume,
  },
  topic: {
    usage: 'saturnmq topic list|create|delete|status [NAME]',
    summary: 'Look at topics and change them.',
    options: TOPIC_OPTIONS,
    run: runTopic,
  },
  bench: {
    usage: 'saturnmq bench producer|consumer|batch|pull|latency|embedded|compare',
    summary: 'Put a RocketMQ broker under load, and measure it.',
    options: {},
    // Loaded by those who use it: a server is up sooner without.
    sections: async () => (await import('./bench/bench-command.ts')).BENCH_SECTIONS,
    run: async (args, context) =>
      (await import('./bench/bench-command.ts')).runBench(args, context),
  },
  'test-broker': {
    usage: 'saturnmq test-broker',
    summary: 'Start a broker for a test: free ports, a temporary store, one line of JSON.',
    options: TEST_BROKER_OPTIONS,
    run: runTestBroker,
  },
  actors: {
    usage: 'saturnmq actors',
    summary: 'Print the supervision tree of a running node.',
    options: ACTORS_OPTIONS,
    run: runActors,
  },
};
