import {
  type ActorRef,
  ActorSystem,
  type ActorSystemOptions,
  child,
  defineActor,
  type ShardExit,
  type ShardSpec,
} from '../../src/actors/index.ts';
import { silentLogger } from '../../src/base/index.ts';
import type { EchoMessage } from './fixture-registry.ts';

export const REGISTRY_URL = new URL('./fixture-registry.js', import.meta.url);

interface Ask {
  readonly to: ActorRef<never>;
  readonly message: (replyTo: ActorRef<unknown>) => unknown;
  readonly deadlineMs: number;
  readonly done: (reply: unknown) => void;
}

type AskerMessage = Ask | { readonly finish: () => void };

/** A root actor that asks for the test. */
const asker = defineActor<undefined, AskerMessage>({
  name: 'asker',
  start: (_, context) => ({
    receive(message) {
      if ('finish' in message) {
        message.finish();
        return;
      }
      const { to, deadlineMs, done } = message;
      context.ask(
        (replyTo) => (to as ActorRef<unknown>).tell(message.message(replyTo)),
        deadlineMs,
        (reply) => ({ finish: () => done(reply) }),
      );
    },
  }),
});

/** A system of real threads, what its hooks told, and a way to wait for them. */
export class ThreadWorld {
  readonly system: ActorSystem;
  readonly exits: ShardExit[] = [];
  readonly ready: string[] = [];
  readonly fatal: Error[] = [];
  /** Order in which hooks ran. */
  readonly log: string[] = [];
  readonly #asker: ActorRef<AskerMessage>;
  readonly #waiting = new Set<() => void>();

  constructor(options: Partial<ActorSystemOptions> = {}) {
    this.system = new ActorSystem({
      logger: silentLogger,
      ...options,
      onShardExit: (exit) => {
        options.onShardExit?.(exit);
        this.exits.push(exit);
        this.#note(`exit ${exit.name}`);
      },
      onShardReady: (name, attempt) => {
        this.ready.push(`${name}#${attempt}`);
        this.#note(`ready ${name}`);
      },
      onFatal: (error) => {
        this.fatal.push(error);
        this.#note('fatal');
      },
    });
    this.#asker = this.system.shard.spawnRoot(
      child({ id: 'asker', actor: asker, config: undefined }),
    );
  }

  start(name: string, options: Partial<ShardSpec> = {}): Promise<void> {
    const roots = [
      { id: 'echo', actor: 'echo', config: { label: `${name}!` } },
      { id: 'mortal', actor: 'mortal', config: undefined },
    ];
    return this.system.startShard({ name, registryUrl: REGISTRY_URL, roots, ...options });
  }

  ask(
    to: ActorRef<EchoMessage>,
    message: (replyTo: ActorRef<unknown>) => EchoMessage,
    deadlineMs = 10_000,
  ): Promise<unknown> {
    return new Promise((done) => {
      this.#asker.tell({ to, message, deadlineMs, done });
    });
  }

  echo(shard: string, value: unknown): Promise<unknown> {
    return this.ask(this.system.ref(shard, 'echo'), (replyTo) => ({ kind: 'ask', value, replyTo }));
  }

  /** Resolves once the hooks have told `count` times of `what`. */
  until(what: string, count = 1): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.log.filter((entry) => entry === what).length < count) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #note(entry: string): void {
    this.log.push(entry);
    for (const check of [...this.#waiting]) check();
  }
}
