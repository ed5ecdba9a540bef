import type { ActorRef } from '../actors/index.ts';
import { GROUPS_MAX } from './broker-limits.ts';
import type { ConsumerGroupMessage } from './consumer-group-messages.ts';
import { busy } from './refusal.ts';

/** The consumer-group actors of this broker, each started when its group is first used. */
export class GroupDirectory {
  readonly #groups = new Map<string, ActorRef<ConsumerGroupMessage>>();
  readonly #spawn: (consumerGroup: string) => ActorRef<ConsumerGroupMessage>;
  readonly #stop: (ref: ActorRef<ConsumerGroupMessage>) => void;

  constructor(
    spawn: (consumerGroup: string) => ActorRef<ConsumerGroupMessage>,
    stop: (ref: ActorRef<ConsumerGroupMessage>) => void,
  ) {
    this.#spawn = spawn;
    this.#stop = stop;
  }

  /**
   * The group's actor.
   * @throws {Refusal} SYSTEM_BUSY beyond `GROUPS_MAX` groups
   */
  get(consumerGroup: string): ActorRef<ConsumerGroupMessage> {
    // hot path
    const known = this.#groups.get(consumerGroup);
    if (known !== undefined) return known;
    if (this.#groups.size >= GROUPS_MAX) throw busy();
    const ref = this.#spawn(consumerGroup);
    this.#groups.set(consumerGroup, ref);
    return ref;
  }

  /** The group's actor where it was started. */
  find(consumerGroup: string): ActorRef<ConsumerGroupMessage> | undefined {
    return this.#groups.get(consumerGroup);
  }

  /** Names and actors of all started groups. */
  entries(): IterableIterator<[string, ActorRef<ConsumerGroupMessage>]> {
    return this.#groups.entries();
  }

  tellAll(message: ConsumerGroupMessage): void {
    for (const ref of this.#groups.values()) ref.tell(message);
  }

  delete(consumerGroup: string): void {
    const ref = this.#groups.get(consumerGroup);
    if (ref === undefined) return;
    this.#groups.delete(consumerGroup);
    this.#stop(ref);
  }
}
