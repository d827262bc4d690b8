import type { IdMemory } from './id-memory.js';
import type { StoredStream } from './stored-stream.js';

export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export type Decision =
  | { readonly kind: 'write' }
  /** All of it is there already: the answer is that of the first time. */
  | { readonly kind: 'repeat'; readonly last: bigint }
  /** `current` is -1 when there is no stream. */
  | { readonly kind: 'refused'; readonly current: bigint }
  | { readonly kind: 'deleted' };

interface Check {
  readonly name: string;
  readonly stream: StoredStream;
  /** Whether the stream has metadata, which makes it exist for `stream_exists`. */
  readonly hasMetadata: boolean;
  readonly expected: Expected;
  readonly ids: readonly string[];
  readonly memory: IdMemory;
}

/**
 * Decides on an append or a delete as the server's index writer does: a repeat is recognised by the ids at the expected
 * revisions, or with `any` and `stream_exists` by the memory of ids; a partly known append is refused.
 */
export function checkAppend(check: Check): Decision {
  const { stream, expected } = check;
  if (stream.tombstoned) return { kind: 'deleted' };
  if (expected === 'stream_exists') {
    if (stream.softDeleted) return { kind: 'deleted' };
    if (stream.last < 0n && !check.hasMetadata) return { kind: 'refused', current: stream.last };
  }
  if (expected === 'any' || expected === 'stream_exists') return byMemory(check);
  const revision = expected === 'no_stream' ? -1n : expected;
  if (revision === stream.last) return { kind: 'write' };
  return revision > stream.last ? { kind: 'refused', current: stream.last } : byRevision(check, revision);
}

function byMemory({ name, stream, ids, memory }: Check): Decision {
  let last: bigint | undefined;
  for (const id of ids) {
    const known = memory.find(id, name);
    if (known === undefined) return last === undefined ? { kind: 'write' } : { kind: 'refused', current: stream.last };
    last = known.revision;
  }
  return last === undefined ? { kind: 'write' } : { kind: 'repeat', last };
}

function byRevision({ name, stream, ids, memory, expected }: Check, revision: bigint): Decision {
  let last = revision;
  for (const id of ids) {
    last += 1n;
    if (memory.find(id, name)?.revision === last || stream.at(last)?.id === id) continue;
    const first = last === revision + 1n;
    if (first && expected === 'no_stream' && stream.softDeleted) return { kind: 'write' };
    return { kind: 'refused', current: stream.last };
  }
  return last === revision ? { kind: 'refused', current: stream.last } : { kind: 'repeat', last };
}
