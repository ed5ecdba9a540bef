import { errorCode, errorMessage, type Random } from '../base/index.ts';
import type { CommandDefinition, HeaderOf, HeaderSchema } from '../protocol/index.ts';
import { parseAddress } from '../transport/index.ts';
import type { RequestBounds } from './call.ts';
import { ClientError } from './errors.ts';
import type { Answer, Remote } from './remote.ts';

const UNREACHABLE: ReadonlySet<string> = new Set(['CONNECTION_FAILED', 'TIMEOUT']);

/**
 * Reads a list such as `host:9876;host2:9876`; commas separate too.
 * @throws {ClientError} BAD_ARGUMENT
 */
export const parseAddressList = (text: string): string[] => {
  const addresses = text
    .split(/[;,]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (addresses.length === 0) throw new ClientError('BAD_ARGUMENT', 'namesrvAddr is empty');
  for (const address of addresses) {
    try {
      parseAddress(address);
    } catch (error) {
      throw new ClientError('BAD_ARGUMENT', `namesrvAddr: ${errorMessage(error)}`, { address });
    }
  }
  return addresses;
};

/** The name servers: begins with a random one and stays with it until it fails. */
export class NameServers {
  readonly addresses: readonly string[];
  readonly #remote: Remote;
  #current: number;

  /** @throws {ClientError} BAD_ARGUMENT */
  constructor(list: string, remote: Remote, random: Random) {
    this.addresses = parseAddressList(list);
    this.#remote = remote;
    this.#current = random.below(this.addresses.length);
  }

  /**
   * Asks one name server; the next one where it does not answer.
   * @throws {ClientError} NAMESRV_UNREACHABLE, REFUSED, BUSY, ABORTED
   */
  async call<Q extends HeaderSchema, S extends HeaderSchema>(
    command: CommandDefinition<Q, S>,
    header: HeaderOf<Q>,
    bounds: RequestBounds,
  ): Promise<Answer<S>> {
    let last: unknown;
    for (let tried = 0; tried < this.addresses.length; tried++) {
      const index = this.#current;
      try {
        return await this.#remote.call(command, this.addresses[index] ?? '', header, bounds);
      } catch (error) {
        if (!UNREACHABLE.has(errorCode(error) ?? '')) throw error;
        last = error;
        // Another call may have moved on meanwhile.
        if (this.#current === index) this.#current = (index + 1) % this.addresses.length;
      }
    }
    const list = this.addresses.join(', ');
    const text = `no name server answers (${list}): ${errorMessage(last)}`;
    throw new ClientError('NAMESRV_UNREACHABLE', text, { addresses: this.addresses }, last);
  }
}
