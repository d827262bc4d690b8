import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';

import { isTesseraError, TesseraError } from '#core';

import type { BatchSettings } from '../common/config.js';
import { SpooledFile } from './spooled-file.js';

/** A file that has arrived and is durable. */
export interface Upload {
  readonly bytes: number;
  /** SHA-256 of the bytes as they came, hexadecimal. */
  readonly sha256: string;
}

/** It holds data of people: nobody else on the machine may look inside. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** While it arrives; what a crash leaves of one is of no use. */
const ARRIVING = '.part';
const ARRIVED = '.file';
/** What was made of a file to read it, and can be made again. */
const UNPACKED = '.unpacked';

/**
 * The files of batches that wait or are under way, on the local disk: only the process that has a batch's file can go on
 * with it. The spool has an id of its own, so that a batch tells where its file is.
 */
export class Spool {
  readonly id: string;
  readonly #folder: string;
  #uploads = 0;
  #bytes = 0;

  /** Throws when the folder cannot be used. */
  constructor(private readonly settings: BatchSettings) {
    this.#folder = join(resolve(settings.folder), 'spool');
    mkdirSync(this.#folder, { recursive: true, mode: FOLDER_MODE });
    // Beside the folder: who deletes the files does not make it another spool.
    this.id = spoolId(`${this.#folder}-id`);
    for (const name of readdirSync(this.#folder)) {
      if (name.endsWith(ARRIVED)) this.#bytes += statSync(join(this.#folder, name)).size;
      else rmSync(join(this.#folder, name), { force: true });
    }
  }

  /** Batches whose files are here. */
  files(): readonly string[] {
    return readdirSync(this.#folder).flatMap((name) =>
      name.endsWith(ARRIVED) ? [name.slice(0, -ARRIVED.length)] : [],
    );
  }

  /**
   * Takes a file to the disk. `expected`: its size, where the client says it. Throws `TOO_MANY_UPLOADS`, `SPOOL_FULL`,
   * `FILE_TOO_LARGE`, `FILE_EMPTY`, `MALFORMED_BODY` when it breaks off, `SPOOL_UNAVAILABLE`; nothing is left then.
   */
  async receive(batch: string, body: Readable, expected: number | undefined): Promise<Upload> {
    const { maxUploads } = this.settings;
    if (this.#uploads >= maxUploads) {
      throw new TesseraError('TOO_MANY_UPLOADS', `${maxUploads} files are being uploaded already.`);
    }
    this.#check(0, expected ?? 0);
    this.#uploads += 1;
    const arriving = this.#path(batch, ARRIVING);
    try {
      return await this.#take(batch, body, arriving);
    } catch (error) {
      await rm(arriving, { force: true });
      throw spoolError(error);
    } finally {
      this.#uploads -= 1;
    }
  }

  /** The file of a batch, unpacked when it has to be; to be closed. Throws `SPOOL_LOST`, and what unpacking throws. */
  async open(batch: string, unpack?: (content: AsyncIterable<Buffer>) => AsyncIterable<Buffer>): Promise<SpooledFile> {
    const file = await this.#open(this.#path(batch, ARRIVED));
    if (unpack === undefined) return file;
    const path = this.#path(batch, UNPACKED);
    try {
      await writeFile(path, unpack(file.content()), { mode: FILE_MODE });
      return await this.#open(path);
    } catch (error) {
      await rm(path, { force: true });
      throw spoolError(error);
    } finally {
      await file.close();
    }
  }

  has(batch: string): boolean {
    return existsSync(this.#path(batch, ARRIVED));
  }

  /** Forgets the file of a batch; repeatable. */
  async remove(batch: string): Promise<void> {
    const path = this.#path(batch, ARRIVED);
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    await rm(path, { force: true });
    await rm(this.#path(batch, UNPACKED), { force: true });
    this.#bytes -= bytes;
  }

  async #take(batch: string, body: Readable, arriving: string): Promise<Upload> {
    const hash = createHash('sha256');
    let bytes = 0;
    const file = await open(arriving, 'wx', FILE_MODE);
    try {
      for await (const chunk of chunksOf(body)) {
        bytes += chunk.length;
        this.#bytes += chunk.length;
        this.#check(bytes, 0);
        hash.update(chunk);
        await writeAll(file, chunk);
      }
      if (bytes === 0) throw new TesseraError('FILE_EMPTY', 'The request has no file in its body.');
      await file.sync();
      await file.close();
      await rename(arriving, this.#path(batch, ARRIVED));
      await syncFolder(this.#folder);
      return { bytes, sha256: hash.digest('hex') };
    } catch (error) {
      this.#bytes -= bytes;
      await file.close();
      throw error;
    }
  }

  /** `bytes`: of this file so far. `more`: how many are to come. */
  #check(bytes: number, more: number): void {
    const { maxFileBytes, maxSpoolBytes } = this.settings;
    if (bytes + more > maxFileBytes) {
      throw new TesseraError('FILE_TOO_LARGE', `A file may have ${maxFileBytes} bytes.`);
    }
    if (this.#bytes + more > maxSpoolBytes) {
      throw new TesseraError('SPOOL_FULL', `Files of ${maxSpoolBytes} bytes wait already, with this one.`);
    }
  }

  async #open(path: string): Promise<SpooledFile> {
    try {
      return await SpooledFile.open(path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      throw new TesseraError('SPOOL_LOST', 'The file of the batch is no longer there: send it again.', { cause });
    }
  }

  #path(batch: string, suffix: string): string {
    return join(this.#folder, batch + suffix);
  }
}

function spoolId(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const id = randomUUID();
  writeFileSync(file, id, { mode: FILE_MODE, flush: true });
  return id;
}

async function* chunksOf(body: Readable): AsyncGenerator<Buffer> {
  try {
    // Leaving early must not destroy the request: its answer goes out over the same socket.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (cause) {
    throw new TesseraError('MALFORMED_BODY', 'The upload broke off.', { cause });
  }
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let from = 0; from < chunk.length;) from += (await file.write(chunk, from)).bytesWritten;
}

/** So that the new name outlives a loss of power too. Not every system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'EMFILE', 'ENFILE']);

function spoolError(error: unknown): unknown {
  if (isTesseraError(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !NO_ROOM.has(code)) return error;
  return new TesseraError('SPOOL_UNAVAILABLE', `The file cannot be kept (${code}).`, { cause: error });
}
