import { MessageChannel, type MessagePort } from 'node:worker_threads';

import type { Position, TesseraError } from '#core';

import type {
  AppendRequest,
  EventLog,
  EventPage,
  ReadStreamOptions,
  StreamSlice,
  SubscribeOptions,
  WriteOutcome,
} from '../../event-log.js';
import type { LogFileOptions } from './log-file.js';
import { LogHead } from './log-head.js';
import { LogReader } from './log-reader.js';
import { fromPosition, toPosition } from './positions.js';
import { subscription } from './subscription.js';
import { WriterClient } from './writer-client.js';
import { startInlineWriter, startThreadWriter, type Writer } from './writer.js';

export interface OpenSqliteEventLogOptions extends LogFileOptions {
  /** `thread`, the default: a thread of its own waits for the disk. `inline`: the calling one does, for tests and tools. */
  readonly writer?: 'thread' | 'inline';
  /** The built `writer-thread.js`, where it does not lie beside this module: when TypeScript runs without a build. */
  readonly writerEntry?: URL;
  /** Bytes of data that may wait for the writer; `MAX_BYTES_IN_FLIGHT` by default. */
  readonly maxBytesInFlight?: number;
}

export interface AttachSqliteEventLogOptions {
  readonly file: string;
  /** From `share()`. */
  readonly port: MessagePort;
  readonly maxBytesInFlight?: number;
}

export interface SqliteEventLog extends EventLog {
  /** For one `attachSqliteEventLog` in another thread: transfer it there. Throws `LOG_UNAVAILABLE` without a writer. */
  share(): MessagePort;
  /** Resolves to `LOG_UNAVAILABLE` when the writer is lost: from then on only opening the log anew helps. */
  readonly lost: Promise<TesseraError>;
}

/**
 * Opens a log, creating its file when it is missing, and starts its writer. One process has a file open at a time.
 * Rejects with `LOG_READ_ONLY`, `LOG_FULL`, `LOG_UNAVAILABLE`, or with `DATA_FOLDER_UNUSABLE` when the file is no log or
 * one of a newer layout.
 */
export async function openSqliteEventLog(options: OpenSqliteEventLogOptions): Promise<SqliteEventLog> {
  const { writer: place = 'thread', writerEntry, maxBytesInFlight, ...file } = options;
  const writer =
    place === 'inline'
      ? startInlineWriter(file)
      : await startThreadWriter(file, writerEntry ?? new URL('./writer-thread.js', import.meta.url));
  try {
    const parts = await connect(file.file, share(writer), maxBytesInFlight);
    return new OwnedEventLog(parts, writer);
  } catch (error) {
    await writer.close();
    throw error;
  }
}

/**
 * The same log in another thread: appends go to its one writer, reads through a connection of their own. Closing it
 * leaves the log open. The log that shared it is closed last: from then on this one is `LOG_UNAVAILABLE`.
 */
export async function attachSqliteEventLog(options: AttachSqliteEventLogOptions): Promise<EventLog> {
  return new AttachedEventLog(await connect(options.file, options.port, options.maxBytesInFlight));
}

interface Parts {
  readonly client: WriterClient;
  readonly head: LogHead;
  readonly reader: LogReader;
}

async function connect(file: string, port: MessagePort, maxBytesInFlight: number | undefined): Promise<Parts> {
  const head = new LogHead();
  const client = await WriterClient.connect(port, head, maxBytesInFlight);
  try {
    return { client, head, reader: new LogReader(file) };
  } catch (error) {
    await client.close();
    throw error;
  }
}

function share(writer: Writer): MessagePort {
  const { port1, port2 } = new MessageChannel();
  writer.connect(port1);
  return port2;
}

class AttachedEventLog implements EventLog {
  #closed: Promise<void> | undefined;

  constructor(protected readonly parts: Parts) {}

  append(request: AppendRequest): Promise<readonly WriteOutcome[]> {
    return this.parts.client.append(request);
  }

  deleteStream(stream: string): Promise<boolean> {
    return this.parts.client.deleteStream(stream);
  }

  async readStream(stream: string, options: ReadStreamOptions = {}): Promise<StreamSlice> {
    return this.parts.reader.readStream(stream, options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<EventPage> {
    return subscription(this.parts.reader, this.parts.head, options);
  }

  async head(): Promise<Position> {
    return toPosition(this.parts.reader.head());
  }

  distance(from: Position, to: Position): number {
    return fromPosition(to) - fromPosition(from);
  }

  close(): Promise<void> {
    this.#closed ??= this.release();
    return this.#closed;
  }

  protected async release(): Promise<void> {
    await this.parts.client.close();
    this.parts.reader.close();
  }
}

class OwnedEventLog extends AttachedEventLog implements SqliteEventLog {
  readonly lost: Promise<TesseraError>;

  constructor(
    parts: Parts,
    private readonly writer: Writer,
  ) {
    super(parts);
    this.lost = parts.head.lost;
  }

  share(): MessagePort {
    this.parts.client.requireWriter();
    return share(this.writer);
  }

  protected override async release(): Promise<void> {
    await super.release();
    await this.writer.close();
  }
}
