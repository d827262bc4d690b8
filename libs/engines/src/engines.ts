import type { MessagePort } from 'node:worker_threads';

import type { Clock, NamingSecret, TesseraError } from '#core';
import type { EventLog } from '#event-log';
import { attachSqliteEventLog, openSqliteEventLog } from '#event-log/sqlite';
import type { ReadStore } from '#read-store';
import { openSqliteReadStore } from '#read-store/sqlite';

import { dataFolderFiles, openDataFolder } from './data-folder.js';
import { openNamingSecret } from './naming-secret.js';

export interface EngineOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  /** A random UUID at every call. */
  readonly mintId: () => string;
}

/** The engines of one process. */
export interface Engines {
  readonly eventLog: EventLog;
  /** For queries; the projector's thread is its one writer. */
  readonly readStore: ReadStore;
  readonly namingSecret: NamingSecret;
  /** Resolves when the log can no longer be written: only a new process helps. */
  readonly lost: Promise<TesseraError>;
  /** For another thread of this process: the log has one writer, and all threads write through it. */
  shareLog(): MessagePort;
  close(): Promise<void>;
}

/** What a thread gets from the one that opened the engines. */
export interface EngineShare {
  readonly dataDir: string;
  readonly logPort: MessagePort;
}

export type AttachedEngines = Pick<Engines, 'eventLog' | 'readStore' | 'close'>;

/**
 * Opens the embedded engines in a data folder of which this process then has the exclusive right. Throws a coded error
 * that says what to do when folder, log or naming secret cannot be used; nothing stays open then.
 */
export async function openEngines({ dataDir, clock, mintId }: EngineOptions): Promise<Engines> {
  const closing = new Closing();
  try {
    const folder = closing.add(openDataFolder(dataDir), (it) => it.release());
    const eventLog = closing.add(await openSqliteEventLog({ file: folder.eventLogFile }), (it) => it.close());
    const secret = { log: eventLog, file: folder.namingSecretFile, mintId, now: clock.now() };
    const namingSecret = await openNamingSecret(secret);
    const reading = { file: folder.readStoreFile, mode: 'read' } as const;
    const readStore = closing.add(await openSqliteReadStore(reading), (it) => it.close());
    const { lost } = eventLog;
    return { eventLog, readStore, namingSecret, lost, shareLog: () => eventLog.share(), close: () => closing.run() };
  } catch (error) {
    await closing.run();
    throw error;
  }
}

/** The engines that another thread of this process has opened, for the projector in this one: it may write the read store. */
export async function attachEngines({ dataDir, logPort }: EngineShare): Promise<AttachedEngines> {
  const closing = new Closing();
  const files = dataFolderFiles(dataDir);
  const eventLog = closing.add(await attachSqliteEventLog({ file: files.eventLogFile, port: logPort }), (it) =>
    it.close(),
  );
  try {
    const writing = { file: files.readStoreFile, mode: 'write' } as const;
    const readStore = closing.add(await openSqliteReadStore(writing), (it) => it.close());
    return { eventLog, readStore, close: () => closing.run() };
  } catch (error) {
    await closing.run();
    throw error;
  }
}

/** What was opened, to be closed in the opposite order. */
class Closing {
  readonly #steps: (() => Promise<void> | void)[] = [];

  add<T>(resource: T, close: (resource: T) => Promise<void> | void): T {
    this.#steps.unshift(() => close(resource));
    return resource;
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0)) await step();
  }
}
