import type { MessagePort } from 'node:worker_threads';

import { isTesseraError, type Clock, type JsonObject, type NamingSecret, type TesseraError } from '#core';
import { withStreamPrefix, type EventLog } from '#event-log';
import {
  isKnownClientRejection,
  isUnencrypted as isLogUnencrypted,
  openEventStoreDbEventLog,
} from '#event-log/eventstoredb';
import { attachSqliteEventLog, openSqliteEventLog } from '#event-log/sqlite';
import type { ReadStore } from '#read-store';
import { isUnencrypted as isStoreUnencrypted, openMongoReadStore } from '#read-store/mongodb';
import { openSqliteReadStore } from '#read-store/sqlite';

import { dataFolderFiles, openDataFolder } from './data-folder.js';
import { openNamingSecret } from './naming-secret.js';
import type { EngineSettings } from './settings.js';

/** Tells what an engine's adapter does by itself: reconnecting, dropping, taking up again. */
export type EngineReport = (message: string, details: JsonObject, error?: unknown) => void;

export interface EngineOptions {
  readonly settings: EngineSettings;
  readonly clock: Clock;
  /** A random UUID at every call. */
  readonly mintId: () => string;
  readonly report?: EngineReport;
}

/** The engines of one process. */
export interface Engines {
  readonly eventLog: EventLog;
  /** For queries; the projector is its one writer. */
  readonly readStore: ReadStore;
  readonly namingSecret: NamingSecret;
  /** Resolves when the log can no longer be written: only a new process helps. */
  readonly lost: Promise<TesseraError>;
  /** For another thread of this process: what `attachEngines` needs there. Call it once for each start of a thread. */
  share(): EngineShare;
  close(): Promise<void>;
}

/** What a thread gets from the one that opened the engines. */
export interface EngineShare {
  readonly settings: Omit<EngineSettings, 'namingSecret'>;
  /** Of the lease of the projector: whoever held it under this name is dead. */
  readonly holder: string;
  /** The embedded log has one writer, and all threads write through it; to be transferred. */
  readonly logPort?: MessagePort;
}

export type AttachedEngines = Pick<Engines, 'eventLog' | 'readStore' | 'close'>;

/**
 * Opens the engines that the settings name: embedded ones in a data folder of which this process then has the exclusive
 * right, or servers. Throws a coded error that says what to do when folder, log or naming secret cannot be used; nothing
 * stays open then. `isServerAway` tells whether another attempt may succeed.
 */
export async function openEngines({ settings, clock, mintId, report }: EngineOptions): Promise<Engines> {
  const closing = new Closing();
  try {
    const folder = closing.add(openDataFolder(settings.dataDir), (it) => it.release());
    const log = await openLog(settings, report);
    const eventLog = withStreamPrefix(
      closing.add(log.eventLog, (it) => it.close()),
      settings.streamPrefix ?? '',
    );
    const namingSecret = await openNamingSecret({
      log: eventLog,
      file: folder.namingSecretFile,
      hex: settings.namingSecret,
      mayBegin: true,
      mintId,
      now: clock.now(),
    });
    const readStore = closing.add(await openStore(settings, 'read', report), (it) => it.close());
    const share = (): EngineShare => ({
      settings: sharedSettings(settings),
      holder: folder.instance,
      ...log.sharePort(),
    });
    return { eventLog, readStore, namingSecret, lost: log.lost, share, close: () => closing.run() };
  } catch (error) {
    await closing.run();
    throw error;
  }
}

/** The engines for the projector in another thread than the one that opened them: it may write the read store. */
export async function attachEngines(
  share: Omit<EngineShare, 'holder'>,
  report?: EngineReport,
): Promise<AttachedEngines> {
  const { settings, logPort } = share;
  const closing = new Closing();
  const files = dataFolderFiles(settings.dataDir);
  try {
    const whole = closing.add(
      logPort === undefined
        ? (await openLog(settings, report)).eventLog
        : await attachSqliteEventLog({ file: files.eventLogFile, port: logPort }),
      (it) => it.close(),
    );
    const eventLog = withStreamPrefix(whole, settings.streamPrefix ?? '');
    const readStore = closing.add(await openStore(settings, 'write', report), (it) => it.close());
    return { eventLog, readStore, close: () => closing.run() };
  } catch (error) {
    await closing.run();
    throw error;
  }
}

/** The engines for a projector in a process of its own: servers, both of them. */
export async function openProjectorEngines(options: EngineOptions): Promise<Omit<Engines, 'share' | 'lost'>> {
  const { settings, clock, mintId, report } = options;
  const engines = await attachEngines({ settings }, report);
  try {
    const file = dataFolderFiles(settings.dataDir).namingSecretFile;
    const secret = {
      log: engines.eventLog,
      file,
      hex: settings.namingSecret,
      mayBegin: false,
      mintId,
      now: clock.now(),
    };
    return { ...engines, namingSecret: await openNamingSecret(secret) };
  } catch (error) {
    await engines.close();
    throw error;
  }
}

/** Whether opening failed because a server was away: it may be there a moment later. Embedded engines never are. */
export function isServerAway(error: unknown, settings: EngineSettings): error is TesseraError {
  if (!isTesseraError(error) || !error.retryable) return false;
  return error.code.startsWith('STORE_') ? settings.mongoDbUrl !== undefined : settings.eventStoreDbUrl !== undefined;
}

/** A promise of a driver that nobody can await: a process survives its rejection. */
export function isKnownRejection(reason: unknown): boolean {
  return isKnownClientRejection(reason);
}

/** What is sent over a network where others can read it; one sentence each. */
export function unencryptedConnections({ eventStoreDbUrl, mongoDbUrl }: EngineSettings): readonly string[] {
  const warning = (engine: string): string =>
    `The connection to ${engine} is not encrypted, and it leaves this machine: whoever is between can read what passes.`;
  return [
    ...(eventStoreDbUrl !== undefined && isLogUnencrypted(eventStoreDbUrl) ? [warning('the event log')] : []),
    ...(mongoDbUrl !== undefined && isStoreUnencrypted(mongoDbUrl) ? [warning('the read store')] : []),
  ];
}

interface OpenedLog {
  readonly eventLog: EventLog;
  readonly lost: Promise<TesseraError>;
  sharePort(): Pick<EngineShare, 'logPort'>;
}

/** What another thread needs; a plain object, as it is copied. */
function sharedSettings(settings: EngineSettings): EngineShare['settings'] {
  const { dataDir, eventStoreDbUrl, mongoDbUrl, streamPrefix } = settings;
  return {
    dataDir,
    ...(eventStoreDbUrl !== undefined && { eventStoreDbUrl }),
    ...(mongoDbUrl !== undefined && { mongoDbUrl }),
    ...(streamPrefix !== undefined && { streamPrefix }),
  };
}

async function openLog(settings: EngineShare['settings'], report: EngineReport | undefined): Promise<OpenedLog> {
  const { eventStoreDbUrl: url, dataDir } = settings;
  if (url === undefined) {
    const eventLog = await openSqliteEventLog({ file: dataFolderFiles(dataDir).eventLogFile });
    return { eventLog, lost: eventLog.lost, sharePort: () => ({ logPort: eventLog.share() }) };
  }
  const eventLog = await openEventStoreDbEventLog({ url, ...(report && { report }) });
  // A server that was away comes back: the process waits for it.
  return { eventLog, lost: new Promise(() => undefined), sharePort: () => ({}) };
}

function openStore(
  settings: EngineShare['settings'],
  mode: 'read' | 'write',
  report: EngineReport | undefined,
): Promise<ReadStore> {
  const { mongoDbUrl: url, dataDir } = settings;
  if (url === undefined) return openSqliteReadStore({ file: dataFolderFiles(dataDir).readStoreFile, mode });
  return openMongoReadStore({ url, ...(report && { report }) });
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
