import {
  type Clock,
  type ManualScheduler,
  type Network,
  silentLogger,
} from '../../src/base/index.ts';
import {
  type CommandDefinition,
  decodeCommand,
  type HeaderOf,
  type HeaderSchema,
  type RemotingCommand,
  requestCommand,
} from '../../src/protocol/index.ts';
import { RemotingClient } from '../../src/transport/index.ts';

const ANSWER_MS_MAX = 10_000;

/** A request that may still be unanswered. */
export interface Asked {
  response: RemotingCommand | undefined;
  /** Calls of the callback: 1 once it was answered or failed. */
  settled: number;
}

/** A client of a simulated broker or name server: one connection, with everything the server asks put on record. */
export class SimClient {
  /** Requests the server sent. */
  readonly heard: RemotingCommand[] = [];
  readonly #client: RemotingClient;
  readonly #scheduler: ManualScheduler;
  readonly #address: string;

  constructor(network: Network, scheduler: ManualScheduler, clock: Clock, address: string) {
    this.#scheduler = scheduler;
    this.#address = address;
    this.#client = new RemotingClient({
      network,
      scheduler,
      clock,
      logger: silentLogger,
      onRequest: (view) => void this.heard.push(decodeCommand(view)),
    });
  }

  /** Sends a request and does not wait. */
  ask(command: RemotingCommand, timeoutMs = ANSWER_MS_MAX): Asked {
    const asked: Asked = { response: undefined, settled: 0 };
    this.#client.request(this.#address, command, timeoutMs, (_error, response) => {
      asked.response = response;
      asked.settled += 1;
    });
    return asked;
  }

  /** Sends a request and lets time pass until its answer is here. */
  call(command: RemotingCommand): RemotingCommand {
    const asked = this.ask(command);
    for (let ms = 0; asked.settled === 0 && ms <= ANSWER_MS_MAX; ms += 2)
      this.#scheduler.advance(2);
    if (asked.response === undefined) throw new Error(`request ${command.code} was not answered`);
    return asked.response;
  }

  /** `call`, with the header the command defines. */
  callAs<Q extends HeaderSchema>(
    command: CommandDefinition<Q>,
    header: HeaderOf<Q>,
    body?: Buffer,
  ): RemotingCommand {
    return this.call(requestCommand(command, header, { body }));
  }

  /** Sends a request nobody answers, and lets it arrive. */
  tell(command: RemotingCommand): void {
    this.#client.oneway(this.#address, command);
    this.#scheduler.advance(20);
  }

  close(): void {
    this.#client.close();
    this.#scheduler.advance(20);
  }
}
