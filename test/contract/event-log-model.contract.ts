import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { ExpectedRevision, NewEvent, WriteOutcome } from '#event-log';

import { event, sceneForEach, type EventLogFactory, type Scene } from './event-log-under-test.js';

interface ModelEvent {
  /** Counts requests: their order is that of the log, while the writes of one come in any order but within a stream. */
  readonly request: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
}

/** What a log means, without any engine. */
class ModelLog {
  #events: readonly ModelEvent[] = [];
  readonly #next = new Map<string, number>();
  #request = 0;

  get events(): readonly ModelEvent[] {
    return this.#events;
  }

  ofStream(stream: string): readonly ModelEvent[] {
    return this.#events.filter((it) => it.stream === stream);
  }

  beginRequest(): void {
    this.#request += 1;
  }

  append(stream: string, expected: ExpectedRevision, given: readonly NewEvent[]): Partial<WriteOutcome> {
    const last = this.ofStream(stream).at(-1)?.revision ?? -1;
    const asExpected = expected === 'any' || (expected === 'none' ? last === -1 : last === expected);
    if (!asExpected) return { outcome: 'refused', actual: last };
    const next = this.#next.get(stream) ?? 0;
    const request = this.#request;
    this.#events = [
      ...this.#events,
      ...given.map(({ id }, index) => ({ request, stream, revision: next + index, id })),
    ];
    this.#next.set(stream, next + given.length);
    return { outcome: 'written', revision: next + given.length - 1 };
  }

  delete(stream: string): boolean {
    const before = this.#events.length;
    this.#events = this.#events.filter((it) => it.stream !== stream);
    return this.#events.length < before;
  }
}

interface GivenWrite {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly types: readonly string[];
}

type Step =
  | { readonly kind: 'append'; readonly writes: readonly GivenWrite[] }
  | { readonly kind: 'delete'; readonly stream: string }
  | {
      readonly kind: 'read';
      readonly stream: string;
      readonly from: number;
      readonly limit: number;
      readonly backwards: boolean;
    }
  | { readonly kind: 'reopen' };

const STREAMS = ['a', 'b', 'c'];
const streams = fc.constantFrom(...STREAMS);
const writes: fc.Arbitrary<GivenWrite> = fc.record({
  stream: streams,
  expected: fc.oneof(fc.constantFrom<ExpectedRevision>('any', 'none'), fc.nat(6)),
  types: fc.array(fc.constantFrom('A', 'B'), { minLength: 1, maxLength: 4 }),
});
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('append'), writes: fc.array(writes, { minLength: 1, maxLength: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), stream: streams }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read'),
      stream: streams,
      from: fc.nat(12),
      limit: fc.integer({ min: 1, max: 6 }),
      backwards: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen') }) },
);

async function take(step: Step, scene: Scene, model: ModelLog): Promise<void> {
  switch (step.kind) {
    case 'append': {
      const given = step.writes.map(({ stream, expected, types }) => ({
        stream: scene.stream(stream),
        expected,
        events: types.map((type) => event({}, { type })),
      }));
      const outcomes = await scene.log.append({ common: {}, writes: given });
      model.beginRequest();
      const wanted = given.map((write) => model.append(write.stream, write.expected, write.events));
      return expect(outcomes).toMatchObject(wanted);
    }
    case 'delete': {
      const stream = scene.stream(step.stream);
      return expect(await scene.log.deleteStream(stream)).toBe(model.delete(stream));
    }
    case 'read':
      return compareSlice(step, scene, model);
    case 'reopen':
      return scene.reopen();
  }
}

async function compareSlice(step: Extract<Step, { kind: 'read' }>, scene: Scene, model: ModelLog): Promise<void> {
  const stream = scene.stream(step.stream);
  const held = model.ofStream(stream).map(({ revision, id }) => ({ stream, revision, id }));
  const wanted = step.backwards
    ? held.filter(({ revision }) => revision <= step.from).reverse()
    : held.filter(({ revision }) => revision >= step.from);
  const direction = step.backwards ? 'backwards' : 'forwards';
  const slice = await scene.log.readStream(stream, { from: step.from, limit: step.limit, direction });
  expect(slice.exists).toBe(held.length > 0);
  expect(slice.events).toMatchObject(wanted.slice(0, step.limit));
  expect(slice.events).toHaveLength(Math.min(wanted.length, step.limit));
  expect(slice.next).toBe(wanted[step.limit]?.revision);
}

export function modelContract(factory: EventLogFactory): void {
  describe('any sequence of calls', () => {
    const scene = sceneForEach(factory);

    it('gives what the model gives', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { maxLength: 25 }), async (sequence) => {
          const ofRun = scene().another();
          const model = new ModelLog();
          for (const step of sequence) await take(step, ofRun, model);
          await compareLogs(ofRun, model);
        }),
        { numRuns: 30 },
      );
    }, 60_000);
  });
}

/** Deleted events may still be shown; all others are, and in log order. */
async function compareLogs(scene: Scene, model: ModelLog): Promise<void> {
  const shown = await scene.all({ pageSize: 5 });
  const held = new Map(model.events.map((it) => [it.id, it]));
  const found = shown.flatMap((it) => held.get(it.id) ?? []);
  expect(found).toHaveLength(held.size);
  expect(shown.filter(({ id }) => held.has(id))).toMatchObject(
    found.map(({ stream, revision }) => ({ stream, revision })),
  );
  for (const name of STREAMS) {
    const stream = scene.stream(name);
    expect(found.filter((it) => it.stream === stream)).toEqual(model.ofStream(stream));
  }
  const requests = found.map(({ request }) => request);
  expect([...requests].sort((a, b) => a - b)).toEqual(requests);
  const positions = shown.map(({ position }) => position);
  expect([...new Set(positions)].sort()).toEqual(positions);
}
