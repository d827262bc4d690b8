import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { CliError } from '../cli-error.js';

/** A file on its way to the service, as it is. */
export interface UploadSource {
  readonly name: string;
  /** `undefined` where nobody knows: standard input. */
  readonly totalBytes: number | undefined;
  /** From its beginning. Throws a `CliError` where it cannot be read again. */
  open(): Readable;
  /** Of the last opening. */
  bytesRead(): number;
}

/** Opens a file, or standard input for `-`. Throws a `CliError`. */
export function uploadSource(path: string): UploadSource {
  return path === '-' ? standardInput() : file(path);
}

function standardInput(): UploadSource {
  let opened = false;
  const open = (): Readable => {
    if (opened) throw new CliError('the upload of standard input broke off, and it cannot be read again');
    opened = true;
    return process.stdin;
  };
  return { name: 'standard input', totalBytes: undefined, open, bytesRead: () => 0 };
}

function file(path: string): UploadSource {
  let stream: ReturnType<typeof createReadStream> | undefined;
  const totalBytes = sizeOf(path);
  const open = (): Readable => (stream = createReadStream(path));
  return { name: path, totalBytes, open, bytesRead: () => stream?.bytesRead ?? 0 };
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`cannot read ${path}: ${reason}`, { cause: error });
  }
}
