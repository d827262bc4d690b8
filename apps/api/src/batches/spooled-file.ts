import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

import type { StoredFile } from '#batch';

/** Some hundred rows: a slice or two. */
const READ_BYTES = 128 * 1024;

/** A file of the spool while it is read. */
export class SpooledFile implements StoredFile {
  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    readonly bytes: number,
  ) {}

  static async open(path: string): Promise<SpooledFile> {
    const handle = await open(path, 'r');
    return new SpooledFile(path, handle, (await handle.stat()).size);
  }

  async slice(start: number, end: number): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(end - start);
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await this.handle.read(bytes, at, bytes.length - at, start + at);
      if (bytesRead === 0) throw new RangeError(`the file ends before byte ${end}`);
      at += bytesRead;
    }
    return bytes.buffer;
  }

  content(): AsyncIterable<Buffer> {
    return createReadStream(this.path, { highWaterMark: READ_BYTES });
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
