import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';

import { TesseraError } from '#core';

import { lockFolder } from './adapters/sqlite/index.js';
import { writeDurably } from './durable-file.js';

/** Everything that the embedded engines keep: one folder, one process. To be backed up as a whole. */
export interface DataFolder {
  readonly path: string;
  readonly eventLogFile: string;
  readonly readStoreFile: string;
  readonly namingSecretFile: string;
  /**
   * Names the process that has the folder now, and the ones before it: whoever held something under this name is dead.
   * The machine is part of it, so that a copy of the folder elsewhere is somebody else.
   */
  readonly instance: string;
  /** Lets another process have the folder; the operating system does it too when the process is killed. */
  release(): void;
}

export type DataFolderFiles = Omit<DataFolder, 'release' | 'instance'>;

/** It holds data of people: nobody else on the machine may look inside. */
const FOLDER_MODE = 0o700;

export function dataFolderFiles(folder: string): DataFolderFiles {
  const path = resolve(folder);
  return {
    path,
    eventLogFile: join(path, 'event-log.sqlite'),
    readStoreFile: join(path, 'read-store.sqlite'),
    namingSecretFile: join(path, 'naming-secret'),
  };
}

/**
 * Creates the folder where it is missing and takes the exclusive right to it. Throws `DATA_FOLDER_LOCKED` when another
 * process has it, `DATA_FOLDER_UNUSABLE` when it cannot be created or written.
 */
export function openDataFolder(folder: string): DataFolder {
  const files = dataFolderFiles(folder);
  try {
    mkdirSync(files.path, { recursive: true, mode: FOLDER_MODE });
    tryToWrite(files.path);
    const lock = lockFolder(files.path);
    return { ...files, instance: instanceOf(files.path), release: () => lock.release() };
  } catch (error) {
    if (error instanceof TesseraError) throw error;
    throw unusable(files.path, error);
  }
}

function instanceOf(folder: string): string {
  const file = join(folder, 'instance-id');
  if (!existsSync(file)) writeDurably(file, `${randomUUID()}\n`, 0o600);
  return `${hostname()}/${readFileSync(file, 'utf8').trim()}`;
}

/** Found out before anything is opened, so that the message is about the folder and not about one file in it. */
function tryToWrite(folder: string): void {
  const probe = join(folder, `.writable-${process.pid}`);
  writeDurably(probe, 'x', 0o600);
  rmSync(probe);
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ENOTDIR: 'part of the path is a file',
  EEXIST: 'there is a file of that name',
  ENAMETOOLONG: 'the path is too long',
};

function unusable(folder: string, cause: unknown): TesseraError {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const reason = REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
  const message = `The data folder ${folder} cannot be used: ${reason}. Name another one with --data, or mend it.`;
  return new TesseraError('DATA_FOLDER_UNUSABLE', message, { cause });
}
