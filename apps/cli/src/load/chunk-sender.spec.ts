import { describe, expect, it } from '@jest/globals';
import type { HttpAnswer, HttpCall } from '../service/http-call.js';
import type { Chunk } from './chunk.js';
import { sendChunk } from './chunk-sender.js';

const CHUNK: Chunk = {
  dataset: 'crm/eu',
  kind: 'records',
  number: 2,
  body: Buffer.from('{"crmId":"7"}\n{"crmId":8}\n'),
  items: 2,
  fileLine: (bodyLine) => 4000 + bodyLine,
};

function answer(status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, headers, text: JSON.stringify(body) };
}

/** A service that answers in turn and keeps what it was asked. */
function service(...answers: readonly HttpAnswer[]) {
  const calls: HttpCall[] = [];
  const call = async (made: HttpCall): Promise<HttpAnswer> => {
    calls.push(made);
    const next = answers[calls.length - 1];
    if (next === undefined) throw new Error('asked once too often');
    return next;
  };
  return { calls, call };
}

const OPTIONS = {
  waiting: { now: () => 0, sleep: async () => undefined },
  patienceMs: 1_000,
  onRetry: () => undefined,
  results: 'first',
} as const;

const TAKEN = answer(
  207,
  {
    accepted: 1,
    rejected: 1,
    duplicates: 0,
    results: [
      { index: 0, line: 1, status: 'accepted', code: 'NOT_ENABLED' },
      {
        index: 1,
        line: 2,
        status: 'rejected',
        code: 'SCHEMA_VIOLATION',
        errors: [{ path: 'crmId', keyword: 'type', message: 'must be string' }],
      },
    ],
  },
  { 'x-consistency-token': '000000000042' },
);

describe('sending a chunk', () => {
  it('tells what became of its items, with the lines of the file', async () => {
    const outcome = await sendChunk(service(TAKEN), CHUNK, OPTIONS);

    expect(outcome).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: 1,
      refused: [{ dataset: 'crm/eu', line: 4002, code: 'SCHEMA_VIOLATION', message: 'crmId: must be string' }],
      warnings: { NOT_ENABLED: 1 },
      token: '000000000042',
    });
  });

  it('repeats the same bytes under the same key', async () => {
    const away = service(answer(503, { code: 'LOG_OUTCOME_UNKNOWN', detail: 'who knows' }), TAKEN);

    await sendChunk(away, CHUNK, OPTIONS);

    expect(away.calls).toHaveLength(2);
    expect(away.calls[1]).toEqual(away.calls[0]);
    expect(away.calls[0]).toMatchObject({
      method: 'POST',
      path: '/v1/datasets/crm%2Feu/records',
      headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': expect.any(String) },
    });
  });

  it('asks for all results when all refused items are wanted', async () => {
    const asked = service(TAKEN);

    await sendChunk(asked, CHUNK, { ...OPTIONS, results: 'all' });

    expect(asked.calls[0]?.path).toBe('/v1/datasets/crm%2Feu/records?results=all');
  });

  it('ends the load when the request as a whole is refused', async () => {
    const refusing = service(answer(422, { code: 'WRONG_CLASS', detail: 'The dataset takes events.' }));

    await expect(sendChunk(refusing, CHUNK, OPTIONS)).rejects.toThrow('422 WRONG_CLASS: The dataset takes events.');
  });
});
