import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';

import { TesseraError } from '#core';

import { checkAppendRequest } from '../../append-request.js';
import type { AppendRequest, WriteOutcome } from '../../event-log.js';
import type { LogHead } from './log-head.js';
import type { AppendedWrites, CommitNotice, WriterRequest, WriterResult } from './messages.js';
import { packAppend } from './packed-append.js';
import { toPosition } from './positions.js';

/** Bytes of data that may wait for the writer: about a second of what it writes. */
export const MAX_BYTES_IN_FLIGHT = 64 * 1_024 * 1_024;

interface Waiting {
  readonly settle: (result: WriterResult) => void;
  readonly bytes: number;
}

/** One thread's access to the writer, over one port. */
export class WriterClient {
  readonly #waiting = new Map<number, Waiting>();
  #ticket = 0;
  #bytesInFlight = 0;
  #closed = false;
  #whenIdle: (() => void) | undefined;

  private constructor(
    private readonly port: MessagePort,
    private readonly head: LogHead,
    private readonly maxBytesInFlight: number,
  ) {
    port.on('message', (notice: CommitNotice) => this.#hear(notice));
    port.on('close', () => this.#lose());
  }

  /** Resolves when the writer has told where the log ends. Rejects with `LOG_UNAVAILABLE` when there is no writer. */
  static async connect(
    port: MessagePort,
    head: LogHead,
    maxBytesInFlight = MAX_BYTES_IN_FLIGHT,
  ): Promise<WriterClient> {
    const client = new WriterClient(port, head, maxBytesInFlight);
    await Promise.race([once(port, 'message'), once(port, 'close')]);
    client.requireWriter();
    return client;
  }

  /** Throws `LOG_UNAVAILABLE` when the log is closed or its writer was lost. */
  requireWriter(): void {
    if (this.#closed) throw new TesseraError('LOG_UNAVAILABLE', 'The event log is closed or has lost its writer');
  }

  async append(request: AppendRequest): Promise<readonly WriteOutcome[]> {
    const bytes = checkAppendRequest(request);
    // Alone it goes through whatever its size: it could never be sent otherwise.
    if (this.#bytesInFlight > 0 && this.#bytesInFlight + bytes > this.maxBytesInFlight) {
      throw new TesseraError('TOO_MANY_REQUESTS', 'The event log cannot keep up');
    }
    const append = packAppend(request);
    const result = await this.#ask((ticket) => ({ kind: 'append', ticket, append }), bytes);
    if (result.kind === 'appended') return outcomes(result.append);
    const error = errorOf(result);
    if (error.code !== 'LOG_OUTCOME_UNKNOWN') throw error;
    return request.writes.map(() => ({ outcome: 'unknown', error }));
  }

  async deleteStream(stream: string): Promise<boolean> {
    const result = await this.#ask((ticket) => ({ kind: 'delete', ticket, stream }), 0);
    if (result.kind === 'deleted') return result.deleted;
    throw errorOf(result);
  }

  /** Takes nothing more, waits for what is under way, and lets the writer go. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    this.head.end();
    this.port.close();
  }

  #ask(request: (ticket: number) => WriterRequest, bytes: number): Promise<WriterResult> {
    this.requireWriter();
    const ticket = ++this.#ticket;
    return new Promise((settle) => {
      this.#waiting.set(ticket, { settle, bytes });
      this.#bytesInFlight += bytes;
      this.port.postMessage(request(ticket));
    });
  }

  #hear({ head, answers }: CommitNotice): void {
    // First, so that who awaits the answer finds a log that has come as far.
    this.head.advance(head);
    for (const { ticket, result } of answers) this.#settle(ticket, result);
  }

  #settle(ticket: number, result: WriterResult): void {
    const waiting = this.#waiting.get(ticket);
    if (waiting === undefined) return;
    this.#waiting.delete(ticket);
    this.#bytesInFlight -= waiting.bytes;
    waiting.settle(result);
    if (this.#waiting.size === 0) this.#whenIdle?.();
  }

  /** The writer's thread has ended: what was on its way may be on disk or not. */
  #lose(): void {
    this.#closed = true;
    this.head.end(new TesseraError('LOG_UNAVAILABLE', 'The writer of the event log has ended'));
    for (const ticket of [...this.#waiting.keys()]) {
      this.#settle(ticket, {
        kind: 'failed',
        code: 'LOG_OUTCOME_UNKNOWN',
        message: 'The writer of the event log ended before it answered',
      });
    }
  }
}

function outcomes({ revisions, positions }: AppendedWrites): WriteOutcome[] {
  return revisions.map((revision, index) => {
    const position = positions[index] ?? 0;
    return position === 0
      ? { outcome: 'refused', actual: revision }
      : { outcome: 'written', revision, position: toPosition(position) };
  });
}

function errorOf(result: WriterResult): TesseraError {
  if (result.kind === 'failed') return new TesseraError(result.code, result.message);
  return new TesseraError('INTERNAL', `The writer answered with "${result.kind}" to another question`);
}
