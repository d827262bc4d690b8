import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { EventLog, ExpectedRevision, WriteOutcome } from '../../event-log.js';
import { event, written } from '../../../../../test/contract/event-log-under-test.js';
import {
  startEventStoreDbStandIn,
  type EventStoreDbStandIn,
} from '../../../../../test/support/eventstoredb-stand-in/index.js';
import { everything, FaultScene, QUICK } from '../../../../../test/support/eventstoredb-faults.js';

interface GivenWrite {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly count: number;
}

type Fault =
  | { readonly kind: 'cut' | 'fail' | 'not-ready' | 'timeout' | 'restart' | 'freeze' }
  | { readonly kind: 'cut-during'; readonly afterWriting: number };

interface Step {
  readonly fault: Fault | undefined;
  readonly writes: readonly GivenWrite[];
  /** Whether the step is over before the next one begins. */
  readonly awaited: boolean;
}

const write: fc.Arbitrary<GivenWrite> = fc.record({
  stream: fc.constantFrom('a', 'b', 'c'),
  expected: fc.oneof({ weight: 5, arbitrary: fc.constant<ExpectedRevision>('any') }, fc.constant('none'), fc.nat(8)),
  count: fc.integer({ min: 1, max: 3 }),
});
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constantFrom('cut', 'fail', 'not-ready', 'timeout', 'restart', 'freeze') }),
  fc.record({ kind: fc.constant('cut-during'), afterWriting: fc.nat(3) }),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    fault: fc.option(fault, { nil: undefined }),
    writes: fc.array(write, { minLength: 1, maxLength: 5 }),
    awaited: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

async function cause(server: EventStoreDbStandIn, given: Fault): Promise<void> {
  switch (given.kind) {
    case 'cut':
      return server.faults.cutConnections();
    case 'cut-during':
      return server.faults.cutDuringAppends(given);
    case 'fail':
      return server.faults.writeThenFail(2);
    case 'not-ready':
      return server.faults.refuse('not-ready', { times: 2 });
    case 'timeout':
      return server.faults.refuse('timeout', { scope: 'appends', times: 2 });
    case 'restart':
      return server.restart();
    case 'freeze':
      server.faults.freeze();
      setTimeout(() => server.faults.thaw(), 50);
  }
}

interface Sent {
  readonly stream: string;
  readonly ids: readonly string[];
  readonly outcome: WriteOutcome;
}

async function send(log: EventLog, writes: readonly GivenWrite[]): Promise<readonly Sent[]> {
  const given = writes.map(({ stream, expected, count }) => ({
    stream,
    expected,
    events: Array.from({ length: count }, () => event()),
  }));
  const outcomes = await log.append({ common: {}, writes: given });
  return given.map(({ stream, events }, index) => ({
    stream,
    ids: events.map(({ id }) => id),
    outcome: outcomes[index]!,
  }));
}

describe('any appends to an EventStoreDB with any faults', () => {
  it('are in the log once when they were acknowledged, in the order of the calls, where they were said to be', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const scene = new FaultScene(await startEventStoreDbStandIn());
        try {
          const log = await scene.open({ timings: { ...QUICK, append: 5_000, read: 2_000 } });
          const calls: Promise<readonly Sent[]>[] = [];
          for (const step of sequence) {
            if (step.fault !== undefined) await cause(scene.server, step.fault);
            const call = send(log, step.writes);
            calls.push(call);
            if (step.awaited) await call;
          }
          const sent = (await Promise.all(calls)).flat();
          scene.server.faults.reset();
          const found = await everything(log);

          expect(sent.filter(({ outcome }) => outcome.outcome === 'unknown')).toEqual([]);
          const acknowledged = sent.filter(({ outcome }) => outcome.outcome === 'written');
          for (const stream of ['a', 'b', 'c']) {
            const there = found.filter((it) => it.stream === stream);
            const wanted = acknowledged.filter((it) => it.stream === stream);
            expect(there.map(({ id }) => id)).toEqual(wanted.flatMap(({ ids }) => ids));
            for (const { ids, outcome } of wanted) {
              const { revision, position } = there.find(({ id }) => id === ids.at(-1))!;
              expect(outcome).toMatchObject({ outcome: 'written', revision });
              // Of a later one when it was appended together with others.
              const after = there.filter((later) => later.position >= position).map((later) => later.position);
              expect(after).toContain(written(outcome).position);
            }
          }
        } finally {
          await scene.end();
        }
      }),
      { numRuns: 40 },
    );
  }, 110_000);
});
