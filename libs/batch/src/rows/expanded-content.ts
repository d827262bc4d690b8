import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import { isTesseraError, TesseraError } from '#core';

import { GZIP_MAGIC, startsWith } from './file-format.js';

/** The default of 16 KB costs a hand-over between threads each. */
const EXPANDED_CHUNK_BYTES = 256 * 1024;

/**
 * The content of a file as it was before somebody gzipped it; gzip is recognised by its first bytes. Iterating throws
 * `FILE_TRUNCATED` or `FILE_MALFORMED` when the compressed data is not whole, and `EXPANDED_TOO_LARGE` behind `maxBytes`:
 * a few kilobytes can stand for gigabytes.
 */
export async function* expandedContent(content: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const chunk of await plain(content)) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new TesseraError('EXPANDED_TOO_LARGE', `The file expands to more than ${maxBytes} bytes.`);
      }
      yield chunk;
    }
  } catch (error) {
    throw gzipFault(error) ?? error;
  }
}

async function plain(content: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const reading = content[Symbol.asyncIterator]();
  const first = await reading.next();
  if (first.done === true) return (async function* () {})();
  const whole = startingWith(first.value, reading);
  if (!startsWith(first.value, GZIP_MAGIC)) return whole;
  // An error of the file ends the gunzip with it, and so whoever iterates over it.
  return pipeline(Readable.from(whole), createGunzip({ chunkSize: EXPANDED_CHUNK_BYTES }), () => undefined);
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function gzipFault(error: unknown): TesseraError | undefined {
  if (isTesseraError(error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR')
    return new TesseraError('FILE_TRUNCATED', 'The compressed data ends too early.', { cause: error });
  if (code?.startsWith('Z_') !== true) return undefined;
  const message = `The compressed data is not valid gzip: ${(error as Error).message}.`;
  return new TesseraError('FILE_MALFORMED', message, { cause: error });
}
