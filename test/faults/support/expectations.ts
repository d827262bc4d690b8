import { expect } from '@jest/globals';

import type { JsonAnswer } from '../../support/fetch-json.js';
import { waitForJob } from '../../support/jobs.js';
import { peakMemoryOf } from '../../support/peak-memory.js';
import type { Service } from '../../support/service.js';
import { customers, type SteadyLoadResult } from './steady-load.js';

/** Nobody waited longer than this for an answer, whatever it was. */
const LONGEST_ANSWER_MILLISECONDS = 30_000;

const CATCH_UP_MILLISECONDS = 60_000;

/** About twice what these loads take when nothing goes wrong: whatever waits during a fault, it is bounded. */
const MOST_MEMORY_BYTES = 512 * 1_024 * 1_024;

/** What holds after every fault: nothing acknowledged is lost, nothing is there twice, and the view is that of the log. */
export async function expectIntact(service: Service, load: SteadyLoadResult): Promise<void> {
  const visible = await visibleIds(service, load.token);
  expect(visible).toHaveLength(new Set(visible).size);
  expect([...visible].sort()).toEqual([...load.ids].sort());
  expect(load.withoutRetryAfter).toBe(0);
  expect(load.slowest).toBeLessThan(LONGEST_ANSWER_MILLISECONDS);
  expectBoundedMemory(service.pid);
  await expectVerified(service);
}

/** Of a running process, at its peak; nothing is expected where the system does not tell. */
export function expectBoundedMemory(processId: number): void {
  expect(peakMemoryOf(processId) ?? 0).toBeLessThan(MOST_MEMORY_BYTES);
}

/** A fold of the whole log gives, document by document, what is served. */
export async function expectVerified(service: Service): Promise<void> {
  const { status, body } = await service.fetch('/v1/projections/profile/verify', { method: 'POST', body: {} });
  expect(status).toBe(202);
  const job = await waitForJob(service, (body as { readonly job: string }).job);
  expect(job).toMatchObject({ state: 'succeeded', result: { differences: [] } });
}

async function visibleIds(service: Service, token: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const customer of customers()) {
    const { status, body } = await onceVisible(() =>
      service.fetch(`/v1/profiles/CRMID/${customer}/events?limit=1000`, { token }),
    );
    expect({ customer, status }).toEqual({ customer, status: 200 });
    const { items, next } = body as { readonly items: readonly { readonly id: string }[]; readonly next?: string };
    expect(next).toBeUndefined();
    ids.push(...items.map(({ id }) => id));
  }
  return ids;
}

/** Whoever is told that a write does not show yet asks again: a view that fell behind during a fault catches up. */
export async function onceVisible(ask: () => Promise<JsonAnswer>): Promise<JsonAnswer> {
  const giveUpAt = performance.now() + CATCH_UP_MILLISECONDS;
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503 || performance.now() > giveUpAt) return answer;
  }
}

/** What `/health/ready` said, one after another, without repeats; 0 = nobody answered. */
export class ReadinessLog {
  readonly statuses: number[] = [];
  #stopped = false;
  readonly #looking: Promise<void>;

  constructor(private readonly url: () => string) {
    this.#looking = this.#look();
  }

  async stop(): Promise<readonly number[]> {
    this.#stopped = true;
    await this.#looking;
    return this.statuses;
  }

  async #look(): Promise<void> {
    while (!this.#stopped) {
      const status = await fetch(`${this.url()}/health/ready`).then(
        (answer) => answer.status,
        () => 0,
      );
      if (this.statuses.at(-1) !== status) this.statuses.push(status);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
