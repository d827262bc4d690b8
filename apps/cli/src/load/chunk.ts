/** The two ways in which items go to a dataset; also the last step of the path. */
export type ItemKind = 'records' | 'events';

/** As many items as go in one request, ready to send and to send again. */
export interface Chunk {
  readonly dataset: string;
  readonly kind: ItemKind;
  /** Counts from 0 among the chunks of its dataset: the same file cut the same way gives the same chunks. */
  readonly number: number;
  /** NDJSON. */
  readonly body: Buffer;
  readonly items: number;
  /** Line of the file that line `bodyLine` (from 1) of the body came from; `undefined` when no single line made it. */
  readonly fileLine: (bodyLine: number) => number | undefined;
}

/** What a file becomes: chunks, and lines that are not even worth sending. */
export type LoadStep =
  | { readonly step: 'chunk'; readonly chunk: Chunk }
  | { readonly step: 'refused'; readonly line: number; readonly code: string; readonly message: string };

/**
 * A chunk ends at this size though it has few items: both sides hold whole chunks, and a repeat sends them again.
 * Twenty records of the largest size that the service takes still fit many times over.
 */
export const CHUNK_BYTES = 4 * 1024 * 1024;
