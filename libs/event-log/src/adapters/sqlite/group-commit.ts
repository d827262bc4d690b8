import type { Statement } from 'better-sqlite3';

import type { Connection } from './log-file.js';
import type { LogTables } from './log-tables.js';
import type { WriterRequest, WriterResult } from './messages.js';
import { toCommitError, toLogError } from './sqlite-errors.js';

export interface QueuedRequest<C> {
  readonly client: C;
  readonly request: WriterRequest;
}

export interface SettledRequest<C> {
  readonly client: C;
  readonly ticket: number;
  readonly result: WriterResult;
}

/**
 * Commits together what came together: everything queued when the current turn of the event loop is done shares one
 * transaction, so one wait for the disk. Waiting longer for company brought nothing.
 */
export class GroupCommit<C> {
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;
  readonly #rollback: Statement<[]>;
  readonly #dataVersion: Statement<[], number>;
  #queue: QueuedRequest<C>[] = [];
  #scheduled: NodeJS.Immediate | undefined;
  #seenVersion: number | undefined;

  constructor(
    private readonly db: Connection,
    private readonly tables: LogTables,
    private readonly onSettled: (settled: readonly SettledRequest<C>[]) => void,
  ) {
    // Never a deferred one: it would fail at once, whatever the timeout, when somebody else wrote since its first read.
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#rollback = db.prepare('ROLLBACK');
    this.#dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck();
    this.#seenVersion = this.#dataVersion.get();
  }

  add(queued: QueuedRequest<C>): void {
    this.#queue.push(queued);
    this.#scheduled ??= setImmediate(() => this.drain());
  }

  /** Commits what is queued now. */
  drain(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const group = this.#queue;
    this.#queue = [];
    if (group.length > 0) this.onSettled(this.#settle(group));
  }

  #settle(group: readonly QueuedRequest<C>[]): SettledRequest<C>[] {
    try {
      this.#begin.run();
      this.#noticeOtherWriter();
    } catch (error) {
      return group.map((queued) => failed(queued, this.#undo(toLogError(error))));
    }
    let meaning = toLogError;
    try {
      const settled = group.map((queued) => this.#run(queued));
      meaning = toCommitError;
      this.#commit.run();
      return settled;
    } catch (cause) {
      const reason = this.#undo(meaning(cause));
      // One that finds no room must not take the others with it; what may be on disk must not be written again.
      const mayRepeat = group.length > 1 && reason.code !== 'LOG_OUTCOME_UNKNOWN';
      return mayRepeat
        ? group.flatMap((queued) => this.#settle([queued]))
        : group.map((queued) => failed(queued, reason));
    }
  }

  #run({ client, request }: QueuedRequest<C>): SettledRequest<C> {
    const result: WriterResult =
      request.kind === 'append'
        ? { kind: 'appended', append: this.tables.append(request.append) }
        : { kind: 'deleted', deleted: this.tables.deleteStream(request.stream) };
    return { client, ticket: request.ticket, result };
  }

  /** There should be none; if there is, what is cached would break the revisions of both. */
  #noticeOtherWriter(): void {
    const version = this.#dataVersion.get();
    if (version === this.#seenVersion) return;
    this.#seenVersion = version;
    this.tables.reset();
  }

  #undo<E>(reason: E): E {
    // Some errors have already ended the transaction.
    if (this.db.inTransaction) this.#rollback.run();
    this.tables.reset();
    return reason;
  }
}

function failed<C>(
  { client, request }: QueuedRequest<C>,
  { code, message }: ReturnType<typeof toLogError>,
): SettledRequest<C> {
  return { client, ticket: request.ticket, result: { kind: 'failed', code, message } };
}
