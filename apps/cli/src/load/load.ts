import type { Chunk, LoadStep } from './chunk.js';
import { addOutcome, type ChunkOutcome, type LoadTally, NOTHING_YET, type RefusedItem } from './tally.js';

export interface LoadOptions {
  readonly send: (chunk: Chunk) => Promise<ChunkOutcome>;
  /** Chunks on their way at the same time. */
  readonly connections: number;
  /** Told after every answer. */
  readonly onProgress: (tally: LoadTally) => void;
  readonly onRefused: (item: RefusedItem) => void;
}

/**
 * Sends all chunks. The next one is cut only when a connection is free for it, so memory does not grow with the file.
 * The first failure ends the load, after the chunks that are on their way have been answered.
 */
export async function load(steps: AsyncGenerator<LoadStep>, options: LoadOptions): Promise<LoadTally> {
  let tally = NOTHING_YET;
  let failed = false;

  const count = (outcome: ChunkOutcome): void => {
    tally = addOutcome(tally, outcome);
    outcome.refused.forEach(options.onRefused);
    options.onProgress(tally);
  };

  /** Async generators queue their `next` calls, so each step goes to one connection. */
  const connection = async (): Promise<void> => {
    while (!failed) {
      const next = await steps.next();
      if (next.done) return;
      count(next.value.step === 'chunk' ? await options.send(next.value.chunk) : refusedHere(next.value));
    }
  };

  const connections = Array.from({ length: options.connections }, () =>
    connection().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  const ends = await Promise.allSettled(connections);
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
  return tally;
}

function refusedHere({ line, code, message }: Extract<LoadStep, { step: 'refused' }>): ChunkOutcome {
  const refused = [{ dataset: '', line, code, message }];
  return { accepted: 0, duplicates: 0, rejected: 1, refused, warnings: {}, token: undefined };
}
