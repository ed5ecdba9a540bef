// Actors that the thread tests start in worker threads by name.
import {
  type ActorContext,
  type ActorRef,
  type ActorTable,
  defineActor,
  type ShardWorkerEnvironment,
} from '../../src/actors/index.ts';
import type { Address } from '../../src/actors/wire.ts';

export type EchoMessage =
  | { readonly kind: 'ask'; readonly value: unknown; readonly replyTo: ActorRef<unknown> }
  | { readonly kind: 'never'; readonly replyTo: ActorRef<unknown> }
  /** Passes the question on to an actor of any shard. */
  | {
      readonly kind: 'relay';
      readonly to: Address;
      readonly value: unknown;
      readonly replyTo: ActorRef<unknown>;
    }
  | { readonly kind: 'stop' };

/** Answers with what it was told, and with its shard and configuration. */
const echo = defineActor<{ readonly label?: string }, EchoMessage>({
  name: 'echo',
  start: (config, context) => ({
    receive(message) {
      if (message.kind === 'ask') {
        const { value } = message;
        message.replyTo.tell({ value, label: config.label, shard: context.shard });
      } else if (message.kind === 'relay') {
        const { to, value, replyTo } = message;
        context.resolve<EchoMessage>(to.shard, to.id).tell({ kind: 'ask', value, replyTo });
      } else if (message.kind === 'stop') {
        context.stop(context.self);
      }
    },
    inspect: () => ({ label: config.label }),
  }),
});

export type DeathKind = 'throw' | 'exit' | 'exit normally' | 'memory' | 'escalate';

const dieOfMemory = (): never => {
  const hoard: number[][] = [];
  for (;;) hoard.push(new Array(10_000).fill(1.5));
};

/** Dies in every way a thread can die by itself. */
const mortal = ({ scheduler }: ShardWorkerEnvironment) =>
  defineActor<undefined, DeathKind>({
    name: 'mortal',
    start: (_, context) => ({
      receive(kind) {
        if (kind === 'exit') process.exit(3);
        if (kind === 'exit normally') process.exit(0);
        if (kind === 'escalate') context.escalate(new Error('disk on fire'));
        if (kind === 'memory') dieOfMemory();
        scheduler.defer(() => {
          if (kind === 'throw') throw Object.assign(new Error('uncaught'), { code: 'BOOM' });
        });
      },
    }),
  });

const failing = defineActor<{ readonly how: 'throw' | 'exit' }, never>({
  name: 'failing',
  start({ how }) {
    if (how === 'exit') process.exit(7);
    throw Object.assign(new Error('no disk'), { code: 'DISK_MISSING' });
  },
});

/** Never says that its work is finished. */
const stubborn = defineActor<{ readonly blocks: boolean }, never>({
  name: 'stubborn',
  start: ({ blocks }) => ({
    receive: () => undefined,
    drain() {
      while (blocks);
    },
  }),
});

/** Asks an actor of another shard while it starts, and keeps the answer. */
const greeter = defineActor<Address, { readonly answer: unknown } | EchoMessage>({
  name: 'greeter',
  start(to, context: ActorContext<{ readonly answer: unknown } | EchoMessage>) {
    let answer: unknown;
    const other = context.resolve<EchoMessage>(to.shard, to.id);
    context.ask(
      (replyTo) => other.tell({ kind: 'ask', value: 'hello', replyTo }),
      5_000,
      (reply) => ({ answer: reply ?? 'none' }),
    );
    return {
      receive(message) {
        if ('answer' in message) answer = message.answer;
        else if (message.kind === 'ask') message.replyTo.tell(answer);
      },
    };
  },
});

/** Has a helper thread run a task, with the shard's settings, when it starts. */
const helped = ({ pool, settings }: ShardWorkerEnvironment) =>
  defineActor<{ readonly task: string }, EchoMessage>({
    name: 'helped',
    start({ task }) {
      let outcome: unknown;
      pool?.run(task, settings, (error, result) => {
        outcome = error === undefined ? result : (error as { code?: string }).code;
      });
      return {
        receive(message) {
          if (message.kind === 'ask') message.replyTo.tell(outcome);
        },
      };
    },
  });

export const createActors = (environment: ShardWorkerEnvironment): ActorTable => ({
  echo,
  mortal: mortal(environment),
  failing,
  stubborn,
  greeter,
  helped: helped(environment),
});

export const configure = (settings: unknown): void => {
  if (settings === 'bad') throw new Error('bad settings');
};
