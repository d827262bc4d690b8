import { createReadStream, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CliError } from '../cli-error.js';

/** What is read, and how far the reading is: for the progress bar, so compressed bytes count. */
export interface Source {
  readonly name: string;
  /** Unpacked. Iterating rejects with a `CliError` when the file cannot be read to its end. */
  readonly content: AsyncIterable<Buffer>;
  /** `undefined` where nobody knows: standard input. */
  readonly totalBytes: number | undefined;
  bytesRead(): number;
}

/** Progress moves in steps of this size; larger ones make nothing faster that can be seen. */
const READ_BYTES = 64 * 1024;
/** The default of 16 KB costs a hand-over between threads each. */
const UNPACKED_BYTES = 256 * 1024;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** Opens a file, or standard input for `-`; gzip is recognised by its first bytes. Throws a `CliError`. */
export function openSource(path: string): Source {
  if (path === '-') {
    const name = 'standard input';
    return { name, content: content(name, process.stdin), totalBytes: undefined, bytesRead: () => 0 };
  }
  const totalBytes = sizeOf(path);
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  return { name: path, content: content(path, file), totalBytes, bytesRead: () => file.bytesRead };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* content(name: string, stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    const reading = stream[Symbol.asyncIterator]();
    const first = await reading.next();
    if (first.done) return;
    const whole = startingWith(first.value, reading);
    yield* first.value.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC) ? unpacked(whole) : whole;
  } catch (error) {
    throw unreadable(name, error);
  }
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function unpacked(packed: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  // An error of the source ends the unpacking with it, and so whoever iterates over it.
  return pipeline(Readable.from(packed), createGunzip({ chunkSize: UNPACKED_BYTES }), () => undefined);
}

function unreadable(name: string, error: unknown): CliError {
  return new CliError(`cannot read ${name}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
