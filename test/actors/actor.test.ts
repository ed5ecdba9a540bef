import * as assert from 'uvu/assert';
import { type ActorRef, child, defineActor } from '../../src/actors/index.ts';
import { unreachable } from '../../src/base/index.ts';
import { suite } from '../support/suite.ts';
import { manualShard } from './support.ts';

const test = suite('actors/actor');

type CounterMessage =
  | { readonly kind: 'add'; readonly amount: number }
  | { readonly kind: 'query'; readonly replyTo: ActorRef<number> };

const counter = defineActor<number, CounterMessage>({
  name: 'counter',
  start(first) {
    let sum = first;
    return {
      receive(message) {
        switch (message.kind) {
          case 'add':
            sum += message.amount;
            return;
          case 'query':
            message.replyTo.tell(sum);
            return;
          default:
            unreachable(message);
        }
      },
    };
  },
});

test('a defined actor keeps its state in the closure of its start', () => {
  const { shard } = manualShard();
  const ref = shard.spawnRoot(child({ id: 'c', actor: counter, config: 5 }));
  ref.tell({ kind: 'add', amount: 2 });
  const answers: number[] = [];
  const replyTo: ActorRef<number> = {
    id: 'probe',
    tell: (value) => answers.push(value) > 0,
    run: () => false,
  };
  ref.tell({ kind: 'query', replyTo });
  assert.equal(answers, [7]);
});

test('refs are typed by what they take', () => {
  const { shard } = manualShard();
  const ref = shard.spawnRoot(child({ id: 'c', actor: counter, config: 0 }));
  const narrower: ActorRef<{ readonly kind: 'add'; readonly amount: number }> = ref;
  // @ts-expect-error a ref for less does not serve for more
  const wider: ActorRef<CounterMessage | string> = ref;
  assert.is(narrower as unknown, wider);
});
