import { errorCode, errorMessage } from '../../base/index.ts';
import { type LocatedQueue, locateQueues } from '../../client/index.ts';
import { parseNamesrvAddresses } from '../../node/index.ts';
import { parseAddress } from '../../transport/index.ts';
import type { Arguments } from '../arguments.ts';
import type { CliContext } from '../cli-context.ts';
import { DEFAULT_NAMESRV_ADDRESS } from '../cli-context.ts';
import { BenchError } from './bench-error.ts';
import type { Wire } from './bench-options.ts';

/** Queues of a topic on one broker. */
export interface BrokerQueues {
  readonly address: string;
  readonly queueIds: readonly number[];
}

/** What to look at where a lookup failed. */
const REMEDIES: Readonly<Record<string, string>> = {
  NAMESRV_UNREACHABLE: 'is a name server listening there? choose it with -n',
  REFUSED: 'is that a name server? -n takes its address, --broker that of a broker',
  BAD_RESPONSE: 'is that a name server?',
  TOPIC_NOT_FOUND: 'create it with "saturnmq topic create", or choose another with -t',
};

/** The name servers that the command line, or the environment, names. */
export const namesrvAddrOf = (parsed: Arguments, context: CliContext): string => {
  const given =
    parsed.text('namesrvAddr') || context.environment['NAMESRV_ADDR'] || DEFAULT_NAMESRV_ADDRESS;
  return parseNamesrvAddresses(given).join(';');
};

const byBroker = (queues: readonly LocatedQueue[]): BrokerQueues[] => {
  const addresses = [...new Set(queues.map(({ address }) => address))];
  return addresses.map((address) => ({
    address,
    queueIds: queues.filter((queue) => queue.address === address).map(({ queueId }) => queueId),
  }));
};

/** Says in one line what failed and what to look at. */
export const explainLookup = (error: unknown): BenchError => {
  const remedy = REMEDIES[errorCode(error) ?? ''];
  const text = errorMessage(error);
  return new BenchError('NO_TARGET', remedy === undefined ? text : `${text}; ${remedy}`, {}, error);
};

/**
 * Where the queues of a topic are.
 * @throws {BenchError} NO_TARGET
 */
export const locate = async (
  topic: string,
  purpose: 'send' | 'pull',
  wire: Wire,
  namesrvAddr: string,
): Promise<BrokerQueues[]> => {
  try {
    if (wire.broker !== undefined) {
      parseAddress(wire.broker);
      const queueIds = Array.from({ length: wire.queues }, (_, queueId) => queueId);
      return [{ address: wire.broker, queueIds }];
    }
    const found = byBroker(await locateQueues({ namesrvAddr }, topic, purpose));
    if (found.length > 0) return found;
  } catch (error) {
    throw explainLookup(error);
  }
  throw new BenchError('NO_TARGET', `no queue of ${topic} may be used now`);
};
