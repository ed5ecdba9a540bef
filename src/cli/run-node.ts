import { errorMessage } from '../base/index.ts';
import type { RootOptions, RunningRoot } from '../node/index.ts';
import { askControl, isInContainer, reachabilityWarning, reachOf } from '../node/index.ts';
import { type CliContext, DEFAULT_NAMESRV_ADDRESS } from './cli-context.ts';
import { startProblem } from './start-problem.ts';

const CLOSE_AFTER_FATAL_MS = 10_000;
const EXIT_BY_SIGNAL: Readonly<Partial<Record<NodeJS.Signals, number>>> = {
  SIGINT: 130,
  SIGTERM: 143,
};

/** RocketMQ's own boot lines: scripts wait for them. */
const bootLines = ({ namesrv, broker }: RootOptions, node: RunningRoot): string[] => {
  const lines: string[] = [];
  if (namesrv !== undefined) lines.push('The Name Server boot success. serializeType=JSON');
  if (broker !== undefined) {
    const ownNamesrv = node.namesrvAddress ? [node.namesrvAddress] : [];
    const registered = broker.namesrvAddr.length > 0 ? broker.namesrvAddr : ownNamesrv;
    const known = registered.length > 0 ? ` and name server is ${registered.join(';')}` : '';
    for (const { brokerName, address } of node.brokers)
      lines.push(`The broker[${brokerName}, ${address}] boot success. serializeType=JSON${known}`);
  }
  return lines;
};

/** Addresses and folders in plain view. */
const addressLines = ({ namesrv, broker }: RootOptions, node: RunningRoot): string[] => {
  const lines: string[] = [];
  if (namesrv !== undefined) lines.push(`  name server  ${node.namesrvAddress}`);
  if (broker === undefined) return lines;
  const isLocal = reachOf(broker.host) === 'loopback';
  const reach = isLocal ? 'this machine only' : 'the address that clients are told';
  for (const { address, storePathRootDir } of node.brokers) {
    lines.push(`  broker       ${address} (${reach})`);
    lines.push(`  store        ${storePathRootDir}`);
  }
  return lines;
};

/** Commands to copy, for a node that has both servers: the first look of somebody new. */
const nextLines = (
  { namesrv, broker }: RootOptions,
  node: RunningRoot,
  { program }: CliContext,
): string[] => {
  if (namesrv === undefined || broker === undefined) return [];
  const isDefault = node.namesrvAddress === DEFAULT_NAMESRV_ADDRESS;
  const option = isDefault ? '' : ` -n ${node.namesrvAddress}`;
  return [
    '  next, in another terminal:',
    `    ${program} send TopicTest "Hello SaturnMQ"${option}`,
    `    ${program} consume TopicTest --count 1${option}`,
  ];
};

const sayReady = (options: RootOptions, node: RunningRoot, context: CliContext): void => {
  const lines = [
    ...bootLines(options, node),
    ...addressLines(options, node),
    ...nextLines(options, node, context),
  ];
  for (const line of lines) context.out(line);
  const { broker, logger } = options;
  if (broker === undefined) return;
  const { brokerIP1 } = broker.settings;
  const warning = reachabilityWarning(brokerIP1, isInContainer());
  // Who listens on loopback alone wants no visitors.
  const isMeant = reachOf(broker.host) === 'loopback' && reachOf(brokerIP1) === 'loopback';
  if (warning !== undefined && !isMeant) logger.warn({ brokerIP1 }, warning);
};

/** The first signal asks for an orderly end, the second ends the process at once. */
const watchSignals = (
  options: RootOptions,
  context: CliContext,
): { readonly stopped: Promise<void>; end(): void } => {
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((done) => {
    stop = done;
  });
  let isStopping = false;
  const end = context.onSignal((signal) => {
    if (signal === 'SIGUSR2') {
      breakShard(options);
    } else if (isStopping) {
      context.exit(EXIT_BY_SIGNAL[signal] ?? 1);
    } else {
      isStopping = true;
      options.logger.info({ signal }, 'stopping; a second signal ends at once');
      stop();
    }
  });
  return { stopped, end };
};

/** Tests end a thread of the node this way; without `faults` the signal has no effect. */
const breakShard = ({ faults, controlPath, logger }: RootOptions): void => {
  if (faults !== true || controlPath === undefined) return;
  askControl(controlPath, { request: 'endHomeShard' }).catch((error) =>
    logger.warn({}, errorMessage(error)),
  );
};

const closeInTime = (node: RunningRoot): Promise<unknown> => {
  const limit = new Promise((done) => setTimeout(done, CLOSE_AFTER_FATAL_MS).unref());
  return Promise.race([node.close().catch(() => undefined), limit]);
};

/**
 * Starts a node, says where it listens, and returns the exit code once a signal or a fatal error ended it.
 * @throws {NodeError} when it cannot start; the message names the remedy.
 */
export const runNode = async (options: RootOptions, context: CliContext): Promise<number> => {
  const signals = watchSignals(options, context);
  try {
    const node = await context.startRoot(options).catch((error) => {
      throw startProblem(error);
    });
    const fatal = new Promise<Error>((done) => node.onFatal(done));
    sayReady(options, node, context);
    const error = await Promise.race([signals.stopped, fatal]);
    if (error !== undefined) {
      options.logger.error({ reason: errorMessage(error) }, 'the node cannot go on and ends');
      await closeInTime(node);
      return 1;
    }
    await node.close();
    return 0;
  } finally {
    signals.end();
  }
};
