import { describe, expect, it } from '@jest/globals';
import type { Chunk, LoadStep } from './chunk.js';
import { chunkKey } from './chunk-sender.js';
import { load } from './load.js';
import type { ChunkOutcome, LoadTally, RefusedItem } from './tally.js';

function chunk(number: number, text = `{"n":${number}}\n`): Chunk {
  const fileLine = (bodyLine: number): number => number * 10 + bodyLine;
  return { dataset: 'crm', kind: 'records', number, body: Buffer.from(text), items: 10, fileLine };
}

async function* steps(...all: readonly (Chunk | LoadStep)[]): AsyncGenerator<LoadStep> {
  for (const step of all) yield 'step' in step ? step : { step: 'chunk', chunk: step };
}

function outcome(of: Partial<ChunkOutcome>): ChunkOutcome {
  return { accepted: 0, duplicates: 0, rejected: 0, refused: [], warnings: {}, token: undefined, ...of };
}

/** Runs a load; `send` answers for the service. */
function run(all: AsyncGenerator<LoadStep>, connections: number, send: (chunk: Chunk) => Promise<ChunkOutcome>) {
  const refused: RefusedItem[] = [];
  const progress: LoadTally[] = [];
  const done = load(all, {
    connections,
    send,
    onRefused: (item) => refused.push(item),
    onProgress: (tally) => progress.push(tally),
  });
  return { refused, progress, done };
}

describe('a load', () => {
  it('adds up what the answers say', async () => {
    const answers = [
      outcome({ accepted: 9, rejected: 1, token: '07', warnings: { NOT_ENABLED: 9 } }),
      outcome({ accepted: 1, duplicates: 9, token: '05', warnings: { NOT_ENABLED: 1 } }),
    ];
    const { progress, done } = run(steps(chunk(0), chunk(1)), 1, async () => answers.shift() ?? outcome({}));

    expect(await done).toEqual({
      accepted: 10,
      duplicates: 9,
      rejected: 1,
      warnings: { NOT_ENABLED: 10 },
      token: '07',
    });
    expect(progress.map(({ accepted }) => accepted)).toEqual([9, 10]);
  });

  it('counts lines that are not worth sending among the refused, and goes on', async () => {
    const bad: LoadStep = { step: 'refused', line: 3, code: 'MALFORMED_ROW', message: 'no' };
    const { refused, done } = run(steps(bad, chunk(0)), 1, async () => outcome({ accepted: 10 }));

    expect(await done).toMatchObject({ accepted: 10, rejected: 1 });
    expect(refused).toEqual([{ dataset: '', line: 3, code: 'MALFORMED_ROW', message: 'no' }]);
  });

  it('has as many chunks on their way as it has connections, and sends each once', async () => {
    const sent: number[] = [];
    let underWay = 0;
    let most = 0;
    const { done } = run(steps(...Array.from({ length: 9 }, (_, index) => chunk(index))), 3, async ({ number }) => {
      sent.push(number);
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      return outcome({ accepted: 10 });
    });

    expect((await done).accepted).toBe(90);
    expect(most).toBe(3);
    expect(sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('cuts no chunk ahead of the connections: memory does not grow with the file', async () => {
    let cut = 0;
    let answered = 0;
    async function* endless(): AsyncGenerator<LoadStep> {
      for (; cut < 50; cut += 1) yield { step: 'chunk', chunk: chunk(cut) };
    }
    const { done } = run(endless(), 2, async () => {
      expect(cut - answered).toBeLessThanOrEqual(2);
      await new Promise(setImmediate);
      answered += 1;
      return outcome({});
    });

    await done;
    expect(answered).toBe(50);
  });

  it('ends with the first failure, after the answers under way', async () => {
    const sent: number[] = [];
    const { progress, done } = run(steps(chunk(0), chunk(1), chunk(2), chunk(3)), 2, async ({ number }) => {
      sent.push(number);
      if (number === 0) throw new Error('gave up');
      await new Promise(setImmediate);
      return outcome({ accepted: 10 });
    });

    await expect(done).rejects.toThrow('gave up');
    expect(sent).toEqual([0, 1]);
    expect(progress).toHaveLength(1);
  });
});

describe('the key of a chunk', () => {
  it('is the same for the same place and content, and another otherwise', () => {
    const key = chunkKey(chunk(3));

    expect(chunkKey(chunk(3))).toBe(key);
    expect(chunkKey(chunk(4, chunk(3).body.toString()))).not.toBe(key);
    expect(chunkKey(chunk(3, '{"n":4}\n'))).not.toBe(key);
    expect(chunkKey({ ...chunk(3), dataset: 'loyalty' })).not.toBe(key);
  });
});
