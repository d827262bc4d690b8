/** A file that lies on disk while it is read. */
export interface StoredFile {
  readonly bytes: number;
  /** From `start` inclusive to `end` exclusive. */
  slice(start: number, end: number): Promise<ArrayBuffer>;
  /** All of it from the beginning; can be asked for again. */
  content(): AsyncIterable<Buffer>;
}
