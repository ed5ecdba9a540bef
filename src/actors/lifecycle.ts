import { assert, errorMessage, type Logger } from '../base/index.ts';
import type { ActorContext, Child } from './actor.ts';
import { ActorError } from './actor-error.ts';
import { ActorCell, type CellHost, GATE_BUSY, type Incarnation } from './cell.ts';
import { endIncarnation } from './ending.ts';
import { inSequence } from './in-sequence.ts';
import { RESTART_PERIOD_MS, RESTARTS_MAX } from './limits.ts';
import type { EndReason, SupervisionSpec } from './restart-policy.ts';
import { type SupervisedKind, Supervision, type SupervisionEnvironment } from './supervision.ts';

/** What the lifecycle of actors needs of its shard. */
export interface LifecycleHost extends CellHost, SupervisionEnvironment {
  readonly logger: Logger;
  /** Every actor that has not stopped for good, by path. */
  readonly cells: Map<string, ActorCell<never>>;
  /** Runs `job` soon, with no actor on the stack. */
  enqueueJob(job: () => void): void;
  createContext(cell: ActorCell<never>): ActorContext<never> & Incarnation;
  /** A failure left the tree at its root; every actor has been ended. */
  onFailed(error: unknown): void;
}

const SUPERVISION_DEFAULT: SupervisionSpec = {
  strategy: 'oneForOne',
  restartsMax: RESTARTS_MAX,
  periodMs: RESTART_PERIOD_MS,
};

const alive = (cells: Map<string, ActorCell<never>> | undefined): ActorCell<never>[] =>
  cells === undefined ? [] : [...cells.values()];

const escalates = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'escalates' in error && error.escalates === true;

const isOnStack = (cell: ActorCell<never>): boolean =>
  (cell.gate & GATE_BUSY) !== 0 || alive(cell.children).some(isOnStack);

/** A parent that is on its own way out mends no child: its end is the child's. */
const supervises = (parent: ActorCell<never>): boolean =>
  parent.isAlive &&
  parent.ending === undefined &&
  parent.failure === undefined &&
  !parent.isLeaving;

/**
 * Starts, ends and restarts the actors of one shard.
 *
 * Failures are judged in a job, so no actor is on the stack when actors are ended. Children are kept (as `retired`)
 * while their parent is restarted: spawned again under the same id they keep address, mailbox and watchers.
 */
export class Lifecycle {
  readonly #host: LifecycleHost;
  readonly #kind: (parent: ActorCell<never>) => SupervisedKind<ActorCell<never>>;

  constructor(host: LifecycleHost) {
    this.#host = host;
    this.#kind = (parent) => ({
      members: () => alive(parent.children),
      rule: (cell) => cell.spec.restart,
      end: (cell, reason, done) => this.end(cell, reason, done),
      start: (cell, done) => this.#restart(cell, done),
      remove: (cell, reason, done) => this.remove(cell, reason, done),
      exceeded: (error) => this.failed(parent, error),
    });
  }

  /** @throws {ActorError} START_FAILED, ID_IN_USE, ID_INVALID */
  spawn<M>(parent: ActorCell<never>, spec: Child<M>): ActorCell<M> {
    if (spec.id === '' || spec.id.includes('/')) {
      throw new ActorError('ID_INVALID', `not an actor id: "${spec.id}"`, { id: spec.id });
    }
    parent.children ??= new Map();
    const id = parent.id === '' ? spec.id : `${parent.id}/${spec.id}`;
    const old = parent.children.get(spec.id);
    // Stopped in this very turn: its place is free once it has ended, which may be now unless it is on the stack.
    if (old?.isLeaving === true && !isOnStack(old)) this.remove(old, 'shutdown');
    if (parent.children.has(spec.id)) {
      throw new ActorError('ID_IN_USE', `there is an actor ${id} already`, { id });
    }
    const cell = this.#revive(parent, id, spec) ?? new ActorCell<M>(this.#host, parent, id, spec);
    parent.children.set(spec.id, cell);
    this.#host.cells.set(id, cell);
    try {
      this.begin(cell);
    } catch (cause) {
      this.#abandon(parent, cell);
      const text = `${spec.actorName} ${id} did not start: ${errorMessage(cause)}`;
      throw new ActorError('START_FAILED', text, { id, actor: spec.actorName }, cause);
    }
    return cell;
  }

  /** Starts an incarnation; what its `start` throws passes through. */
  begin(cell: ActorCell<never>): void {
    for (const old of alive(cell.children)) this.#retire(cell, old);
    cell.children = undefined;
    cell.supervision = undefined;
    cell.failure = undefined;
    cell.state = 'starting';
    const context = this.#host.createContext(cell);
    cell.incarnation = context;
    try {
      cell.behavior = cell.spec.begin(context);
    } catch (error) {
      context.close();
      for (const child of alive(cell.children).reverse()) this.#endHurried(child);
      cell.state = 'restarting';
      throw error;
    }
    cell.isAlive = true;
    for (const old of alive(cell.retired).reverse()) this.#finish(old);
    cell.retired = undefined;
    // A start may have stopped or escalated its own actor: then that job opens nothing.
    if ((cell.state as string) !== 'starting') return;
    cell.state = 'running';
    cell.open();
  }

  /** Takes `error` out of an actor to its supervisor. */
  failed(cell: ActorCell<never>, error: unknown, isEscalated = escalates(error)): void {
    const { ending } = cell;
    if (ending !== undefined) {
      this.#log(cell, error, 'actor failed while it stopped');
      this.#host.enqueueJob(() => ending.giveUpDrain?.());
      return;
    }
    if (cell.failure !== undefined || cell.state === 'stopped') return;
    cell.failure = { error };
    cell.state = 'restarting';
    cell.close();
    cell.incarnation?.close();
    this.#log(cell, error, 'actor failed');
    const { incarnation } = cell;
    this.#host.enqueueJob(() => {
      if (cell.incarnation === incarnation && cell.ending === undefined && !cell.isLeaving) {
        this.#judge(cell, error, isEscalated);
      }
    });
  }

  /** The actor ends by itself. */
  finish(cell: ActorCell<never>): void {
    if (cell.failure !== undefined || cell.isLeaving) return;
    cell.state = 'stopping';
    cell.close();
    const { incarnation } = cell;
    this.#host.enqueueJob(() => {
      if (cell.incarnation !== incarnation || cell.ending !== undefined) return;
      const { parent } = cell;
      assert(parent !== undefined, 'the root actor does not end by itself');
      const isKept = cell.spec.restart === 'permanent';
      this.end(cell, 'normal', () => {
        if (!isKept) this.remove(cell, 'normal');
        else if (supervises(parent)) this.#supervisionOf(parent).ended(cell, 'normal');
      });
    });
  }

  /** Stops an actor for good after the present turn. */
  stop(cell: ActorCell<never>): void {
    if (cell.isLeaving) return;
    cell.isLeaving = true;
    cell.state = 'stopping';
    cell.close();
    this.#host.enqueueJob(() => this.remove(cell, 'shutdown'));
  }

  /** Ends and forgets an actor. */
  remove(cell: ActorCell<never>, reason: EndReason, done: () => void = () => undefined): void {
    cell.isLeaving = true;
    cell.parent?.supervision?.forget(cell);
    this.end(cell, reason, () => {
      this.#finish(cell);
      done();
    });
  }

  /** Ends the present incarnation, its children first, in reverse order; the place in the tree stays. */
  end(cell: ActorCell<never>, reason: EndReason, done: () => void): void {
    if (cell.state !== 'stopped') cell.state = cell.isLeaving ? 'stopping' : 'restarting';
    cell.supervision?.cancel();
    endIncarnation(cell, reason, this.#host, {
      endChildren: (next) =>
        inSequence(
          alive(cell.children).reverse(),
          (child, nextChild) => this.end(child, 'shutdown', nextChild),
          next,
        ),
      done,
    });
  }

  /** Ends an incarnation and those below it before it returns: nobody can wait, as a start has just failed. */
  #endHurried(cell: ActorCell<never>): void {
    cell.failure ??= { error: undefined };
    for (const child of alive(cell.children).reverse()) this.#endHurried(child);
    cell.ending?.giveUpDrain?.();
    this.end(cell, 'failure', () => undefined);
  }

  #judge(cell: ActorCell<never>, error: unknown, isEscalated: boolean): void {
    const { parent } = cell;
    if (parent === undefined) {
      this.end(cell, 'failure', () => this.#host.onFailed(error));
    } else if (isEscalated) {
      const text = `${cell.id} escalated: ${errorMessage(error)}`;
      this.failed(parent, new ActorError('ESCALATED', text, { id: cell.id }, error), false);
    } else if (supervises(parent)) {
      this.#supervisionOf(parent).ended(cell, 'failure', error);
    }
  }

  #restart(cell: ActorCell<never>, done: () => void): void {
    cell.restarts += 1;
    try {
      this.begin(cell);
    } catch (error) {
      cell.failure = undefined;
      this.failed(cell, error);
      return;
    }
    done();
  }

  #supervisionOf(parent: ActorCell<never>): Supervision<ActorCell<never>> {
    const spec = parent.spec.supervision ?? SUPERVISION_DEFAULT;
    parent.supervision ??= new Supervision(spec, this.#kind(parent), this.#host);
    return parent.supervision;
  }

  #revive<M>(parent: ActorCell<never>, id: string, spec: Child<M>): ActorCell<M> | undefined {
    const old = parent.retired?.get(spec.id);
    if (old === undefined || old.isLeaving || old.spec.actorName !== spec.actorName) {
      return undefined;
    }
    assert(old.id === id, 'a retired child keeps its path');
    parent.retired?.delete(spec.id);
    old.spec = spec;
    old.restarts += 1;
    return old as unknown as ActorCell<M>;
  }

  /** A child whose first start failed is forgotten; one that had lived before waits for its parent's next attempt. */
  #abandon(parent: ActorCell<never>, cell: ActorCell<never>): void {
    parent.children?.delete(cell.spec.id);
    if (cell.handled + cell.restarts > 0 && parent.state === 'starting') this.#retire(parent, cell);
    else this.#finish(cell);
  }

  #retire(parent: ActorCell<never>, child: ActorCell<never>): void {
    parent.retired ??= new Map();
    parent.retired.set(child.spec.id, child);
  }

  /** Last step of an actor: its mail is dead, and those who watch it learn so. */
  #finish(cell: ActorCell<never>): void {
    if (cell.state === 'stopped') return;
    for (const child of [...alive(cell.children), ...alive(cell.retired)].reverse()) {
      this.#finish(child);
    }
    cell.state = 'stopped';
    cell.isLeaving = true;
    this.#host.deadLetters += cell.mailbox.clear();
    const { parent, watchers } = cell;
    if (parent?.children?.get(cell.spec.id) === cell) parent.children.delete(cell.spec.id);
    if (this.#host.cells.get(cell.id) === cell) this.#host.cells.delete(cell.id);
    cell.watchers = undefined;
    for (const notify of watchers ?? []) notify();
  }

  #log(cell: ActorCell<never>, error: unknown, text: string): void {
    this.#host.logger.error({ actor: cell.spec.actorName, id: cell.id, err: error }, text);
  }
}
