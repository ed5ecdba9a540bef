import { readInt32BE } from '../base/index.ts';
import { parseDelayLevels, RECORD_AT, RecordView, readRecord } from '../message/index.ts';
import { AbortMarker } from './abort-marker.ts';
import { Alarm } from './alarm.ts';
import { Appender, PendingMessage } from './appender.ts';
import { Checkpoint } from './checkpoint.ts';
import type { ColdReads } from './cold-reads.ts';
import { CommitLog } from './commit-log.ts';
import type { ConsumeQueue } from './consume-queue.ts';
import { type ArrivalListener, Dispatcher } from './dispatcher.ts';
import { type GetResult, MessageGetter, type OutputTarget } from './get-messages.ts';
import { LogFlusher } from './log-flusher.ts';
import { LogReader } from './log-reader.ts';
import { LogSegments } from './log-segments.ts';
import { type StoreEnv, type StoreOptions, type StoreSettings, storeSettings } from './options.ts';
import { type StorePaths, storePaths } from './paths.ts';
import { LogPositions } from './positions.ts';
import { QueueFiles } from './queue-files.ts';
import type { QueueFilter } from './queue-filter.ts';
import { QueueFlusher } from './queue-flusher.ts';
import { QueueTable } from './queue-table.ts';
import { queueOffsetByTime, storeTimestampOf } from './queue-time.ts';
import { UNIT_BYTES, UnitReader, unitCommitLogOffset } from './queue-unit.ts';
import { Recovery } from './recovery.ts';
import { Retention } from './retention.ts';
import { type GetStatus, PutStatus } from './status.ts';

/**
 * A broker's messages: the commit log, its consume queues, checkpoint and retention. The caller holds the store's lock.
 * @thread owner
 */
export class MessageStore {
  /** Scratch for `append`: one store has one writer. */
  readonly message = new PendingMessage();
  readonly settings: StoreSettings;
  readonly paths: StorePaths;
  /** Everything before the position is durable: SYNC_FLUSH sends up to it may be answered. */
  onFlushed: (flushedPosition: number) => void = () => undefined;
  /** The store takes nothing any more: close it and open it again through recovery. */
  onFailed: (error: Error) => void = () => undefined;
  readonly #env: StoreEnv;
  readonly #positions: LogPositions;
  readonly #segments: LogSegments;
  readonly #log: CommitLog;
  readonly #queues: QueueTable;
  readonly #dispatcher: Dispatcher;
  readonly #appender: Appender;
  readonly #getter: MessageGetter;
  readonly #logFlusher: LogFlusher;
  readonly #queueFlusher: QueueFlusher;
  readonly #checkpoint: Checkpoint;
  readonly #abort: AbortMarker;
  readonly #retention: Retention;
  readonly #reader = new UnitReader();
  readonly #view = new RecordView();
  readonly #isSync: boolean;
  #dispatchedStoreTimestamp = 0;
  #failure: Error | undefined;
  #isClosing = false;
  #isClosed = false;
  #isTurnScheduled = false;

  /**
   * Opens a store, creating it where nothing is, and recovers it.
   * @throws {StorageError} SEGMENT_LENGTH, NOT_FOUND, BAD_FOLDER, DISK_FULL, IO_FAILED
   */
  static open(options: StoreOptions, env: StoreEnv): MessageStore {
    const store = new MessageStore(storeSettings(options), env);
    store.#start();
    return store;
  }

  private constructor(settings: StoreSettings, env: StoreEnv) {
    const { disk, clock, scheduler, logger } = env;
    this.settings = settings;
    this.#env = env;
    this.#isSync = settings.flushDiskType === 'SYNC_FLUSH';
    this.paths = storePaths(settings.storePathRootDir, settings.storePathCommitLog);
    this.#positions = new LogPositions(settings.resumeFrom ?? settings.positionMemory);
    this.#segments = new LogSegments(disk, this.paths.commitLog, settings.mappedFileSizeCommitLog);
    const logEnv = { scheduler, logger, alarm: new Alarm(clock, logger), isSync: this.#isSync };
    this.#log = new CommitLog(this.#segments, this.#positions, logEnv);
    const fileBytes = Math.ceil(settings.mappedFileSizeConsumeQueue / UNIT_BYTES) * UNIT_BYTES;
    const files = new QueueFiles(disk, fileBytes, settings.openQueueFilesMax);
    this.#queues = new QueueTable(disk, files, new Alarm(clock, logger), {
      folder: this.paths.consumeQueue,
      tailUnitsMax: settings.queueTailUnitsMax,
    });
    const delayLevels = parseDelayLevels(settings.messageDelayLevel);
    const reader = new LogReader(this.#segments);
    this.#dispatcher = new Dispatcher(this.#queues, this.#positions, reader, delayLevels);
    this.#appender = new Appender(this.#log, this.#queues, this.#dispatcher, clock, {
      maxMessageSize: settings.maxMessageSize,
      dispatchesAtOnce: !this.#isSync,
    });
    this.#getter = new MessageGetter(this.#log, settings, new Alarm(clock, logger), clock);
    for (const folder of [this.paths.root, this.paths.commitLog, this.paths.consumeQueue])
      disk.makeFolder(folder);
    this.#abort = new AbortMarker(disk, this.paths.abort);
    this.#checkpoint = new Checkpoint(disk, this.paths.checkpoint);
    this.#logFlusher = this.#createLogFlusher();
    this.#queueFlusher = this.#createQueueFlusher();
    this.#retention = new Retention(this.#log, this.#queues, env, settings, this.paths);
  }

  get appendedPosition(): number {
    return this.#positions.appended;
  }

  get dispatchedPosition(): number {
    return this.#positions.dispatched;
  }

  get flushedPosition(): number {
    return this.#positions.flushed;
  }

  /** Start of the oldest segment. */
  get minPosition(): number {
    return this.#positions.minimum;
  }

  /** The positions as other threads read them, see `readPositions`; a successor resumes from it. */
  get positionMemory(): SharedArrayBuffer {
    return this.#positions.memory;
  }

  /** False after a failure, while closing and while the disk is (nearly) full: `append` refuses. */
  get isWritable(): boolean {
    // hot path
    return (
      this.#failure === undefined &&
      !this.#isClosing &&
      !this.#retention.isDiskFull &&
      !this.#queues.isRefused
    );
  }

  /** Called for each record that becomes visible in a queue whose `hasWaiters` is set. */
  set onArrival(listener: ArrivalListener) {
    this.#dispatcher.onArrival = listener;
  }

  /** Stores `message` (usually the scratch) at the end of its queue. Its out fields say where. */
  append(message: PendingMessage): PutStatus {
    // hot path
    if (!this.isWritable) return PutStatus.SERVICE_NOT_AVAILABLE;
    if (!this.#isTurnScheduled) this.#scheduleTurnEnd();
    return this.#appender.append(message);
  }

  /** Stores a batch: see `PendingMessage`. */
  appendBatch(message: PendingMessage): PutStatus {
    if (!this.isWritable) return PutStatus.SERVICE_NOT_AVAILABLE;
    if (!this.#isTurnScheduled) this.#scheduleTurnEnd();
    return this.#appender.appendBatch(message);
  }

  /**
   * Ends a turn: what was appended leaves this process, positions are published, and under SYNC_FLUSH a flush begins.
   * Call it before anything is answered; the store calls it by itself in a later turn.
   */
  endTurn(): void {
    // hot path
    this.#appender.endTurn();
    if (this.#failure !== undefined || this.#isClosed) return;
    try {
      this.#log.writeOut();
    } catch (error) {
      this.#logFlusher.fail(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    this.#positions.publish();
    if (this.#isSync) this.#logFlusher.request();
  }

  /** Asks for a flush soon; `onFlushed` tells how far it came. Requests of one turn share one. */
  requestFlush(): void {
    this.#logFlusher.request();
  }

  /** Makes everything appended so far durable. */
  flush(done: (error?: Error) => void): void {
    this.#logFlusher.wait(done);
  }

  /** The queue, made on first use: keep it, it is what `append` and `getMessages` want. */
  queue(topic: string, queueId: number): ConsumeQueue {
    return this.#queues.queue(topic, queueId);
  }

  /** The queue where it was used or stored before. */
  findQueue(topic: string, queueId: number): ConsumeQueue | undefined {
    return this.#queues.find(topic, queueId);
  }

  /** Topics with at least one queue. */
  topics(): string[] {
    return this.#queues.topics();
  }

  /** The queues of a topic, or all. */
  queues(topic?: string): ConsumeQueue[] {
    return this.#queues.queues(topic);
  }

  /** Copies records from `queueOffset` on to `output`; `result` says what was found and where to go on. */
  getMessages(
    queue: ConsumeQueue,
    queueOffset: number,
    messagesMax: number,
    filter: QueueFilter | undefined,
    output: OutputTarget,
    result: GetResult,
  ): GetStatus {
    // hot path
    return this.#getter.get(queue, queueOffset, messagesMax, filter, output, result);
  }

  /** What of the log is in main memory, and how the rest gets there. */
  get cold(): ColdReads {
    return this.#getter.cold;
  }

  /** The whole record that begins at `commitLogOffset`; `undefined` where none does. Copy it to keep it. */
  messageAt(commitLogOffset: number): Buffer | undefined {
    const head = this.#log.read(commitLogOffset, RECORD_AT.magic + 4);
    if (head === undefined) return undefined;
    const record = this.#log.read(commitLogOffset, readInt32BE(head, RECORD_AT.recordBytes));
    if (record === undefined) return undefined;
    const kind = readRecord(record, 0, record.length, this.#view, false);
    return kind === 'record' && this.#view.commitLogOffset === commitLogOffset ? record : undefined;
  }

  /** Keeps what `messageAt` gave for `commitLogOffset` until the returned function is called, once. */
  lease(commitLogOffset: number): () => void {
    const file = this.#segments.of(commitLogOffset)?.file;
    file?.retain();
    return () => file?.release();
  }

  /** Commit-log offset of the record with this queue offset, or -1. */
  commitLogOffsetOf(queue: ConsumeQueue, queueOffset: number): number {
    if (queueOffset < queue.minOffset || queue.read(queueOffset, 1, this.#reader) === 0) return -1;
    return unitCommitLogOffset(this.#reader.buffer, this.#reader.index);
  }

  /** Whether the record with this queue offset counts as having left main memory; false where there is none. */
  isInDisk(queue: ConsumeQueue, queueOffset: number): boolean {
    const commitLogOffset = this.commitLogOffsetOf(queue, queueOffset);
    return commitLogOffset >= 0 && this.#getter.isInDisk(commitLogOffset);
  }

  /** The queue offset of the record stored nearest to a time. */
  queueOffsetByTime(queue: ConsumeQueue, timestampMs: number): number {
    return queueOffsetByTime(queue, timestampMs, this.#log, this.#env.disk);
  }

  /** Store time of a queue's first record, or -1. */
  earliestStoreTimestamp(queue: ConsumeQueue): number {
    const commitLogOffset = this.commitLogOffsetOf(queue, queue.minOffset);
    return commitLogOffset < 0 ? -1 : storeTimestampOf(this.#log, commitLogOffset);
  }

  /** Store time of the record with this queue offset, or -1. */
  storeTimestampAt(queue: ConsumeQueue, queueOffset: number): number {
    const commitLogOffset = this.commitLogOffsetOf(queue, queueOffset);
    return commitLogOffset < 0 ? -1 : storeTimestampOf(this.#log, commitLogOffset);
  }

  /** Removes a topic's queues and their files; its records stay in the log until their segments expire. */
  deleteTopic(topic: string): void {
    this.#queues.remove(topic);
    this.#dispatcher.forget();
  }

  /** One round of retention, as the timer does it. @returns segments deleted */
  cleanExpired(nowMs: number): number {
    return this.#retention.clean(nowMs);
  }

  /**
   * Closes in order: flushes log and queues, writes the checkpoint, deletes what was created ahead and removes the abort
   * marker. After a failure it only closes the files, and the next opening recovers.
   */
  close(done: (error?: Error) => void): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#retention.stop();
    this.#logFlusher.wait((error) => {
      this.#logFlusher.stop();
      this.#queueFlusher.stop();
      if (error !== undefined) {
        this.#finishClose(error, done);
        return;
      }
      this.#queueFlusher.flush((queueError) => this.#finishClose(queueError, done));
    });
  }

  #start(): void {
    const { settings } = this;
    const recovery = new Recovery({
      disk: this.#env.disk,
      logger: this.#env.logger,
      settings,
      paths: this.paths,
      segments: this.#segments,
      positions: this.#positions,
      queues: this.#queues,
      dispatcher: this.#dispatcher,
      checkpoint: this.#checkpoint.times,
      wasAborted: this.#abort.wasThere,
    });
    const { wasCleared } = recovery.run();
    const { appended, flushed, storeTimestamp } = this.#positions;
    this.#dispatchedStoreTimestamp = storeTimestamp;
    if (flushed === appended) this.#logFlusher.flushedStoreTimestamp = storeTimestamp;
    if (wasCleared) this.#logFlusher.markTailDirty();
    this.#log.start();
    this.#markOpen();
    this.#positions.publish();
    if (!this.#isSync) this.#logFlusher.startTimer(settings.flushIntervalCommitLog);
    this.#queueFlusher.startTimers(settings.flushIntervalConsumeQueue);
    this.#retention.start();
    this.#logFlusher.request();
  }

  /** Until the abort marker is durable nothing else becomes so: a crash must never look like an orderly close. */
  #markOpen(): void {
    this.#queues.isHeld = !this.#abort.wasThere;
    this.#logFlusher.hold();
    this.#abort.create((error) => {
      if (this.#isClosed) return;
      this.#queues.isHeld = false;
      if (error === undefined) this.#logFlusher.release();
      else this.#logFlusher.fail(error);
    });
  }

  #createLogFlusher(): LogFlusher {
    return new LogFlusher(this.#log, this.#env.scheduler, {
      lastStoreTimestamp: () => this.#positions.storeTimestamp,
      onFlushed: (position) => this.#flushed(position),
      onFailed: (error) => this.#fail(error),
    });
  }

  #createQueueFlusher(): QueueFlusher {
    const { scheduler, clock } = this.#env;
    return new QueueFlusher(this.#queues, this.#positions, this.#checkpoint, scheduler, {
      dispatchedStoreTimestamp: () =>
        this.#isSync ? this.#dispatchedStoreTimestamp : this.#positions.storeTimestamp,
      flushedStoreTimestamp: () => this.#logFlusher.flushedStoreTimestamp,
      monotonicMs: () => clock.monotonicMs(),
      onFailed: (error) => this.#logFlusher.fail(error),
    });
  }

  #flushed(position: number): void {
    if (this.#isSync && position > this.#positions.dispatched) {
      this.#dispatcher.advance(position);
      this.#dispatchedStoreTimestamp = this.#logFlusher.flushedStoreTimestamp;
    }
    this.#positions.publish();
    this.onFlushed(position);
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#queueFlusher.stop();
    this.#retention.stop();
    this.#env.logger.error(
      { reason: error.message },
      'the store failed and takes no more messages: it must be reopened',
    );
    this.onFailed(error);
  }

  #scheduleTurnEnd(): void {
    this.#isTurnScheduled = true;
    this.#env.scheduler.defer(() => {
      this.#isTurnScheduled = false;
      this.endTurn();
    });
  }

  #finishClose(error: Error | undefined, done: (error?: Error) => void): void {
    const failure = error ?? this.#failure;
    const isOrderly = failure === undefined && !this.#queues.hasDirty;
    this.#positions.publish();
    this.#isClosed = true;
    this.#getter.cold.close();
    this.#log.close(isOrderly);
    this.#queues.close();
    this.#checkpoint.close();
    if (isOrderly) this.#abort.remove();
    done(failure);
  }
}
