import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { JsonObject } from '#core';

import { defineCrm, sendItems } from '../support/crm-catalog.js';
import { waitForJob } from '../support/jobs.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;
let owners = 0;

beforeAll(async () => {
  service = await startService();
  await defineCrm(service);
});
afterAll(() => service.stop());
afterAll(killServices);

/** What a client does next to the attribute that is its own, or to the list that all share. */
type Step = { readonly set: number } | { readonly unset: true } | { readonly append: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ set: fc.integer({ min: 0, max: 9 }) }),
  fc.constant({ unset: true } as const),
  fc.record({ append: fc.constantFrom('a', 'b', 'c') }),
);
/** Each sends its requests one after the other, all of them at the same time; a request has several items. */
const clients = fc.array(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }), {
  minLength: 2,
  maxLength: 6,
});

/** What the client's own attribute is after its steps, one by one; nothing else ever touches it. */
function model(steps: readonly Step[]): number | undefined {
  let value: number | undefined;
  for (const one of steps) {
    if ('set' in one) value = one.set;
    else if ('unset' in one) value = undefined;
  }
  return value;
}

/** What it appends carries its name, so that its order shows in the list of all. */
const appended = (client: number, steps: readonly Step[]): readonly string[] =>
  steps.flatMap((one, at) => ('append' in one ? [`${client}-${at}-${one.append}`] : []));

function upsertOf(crmId: string, client: number, one: Step, at: number): JsonObject {
  if ('set' in one) return { crmId, notes: { [`k${client}`]: { v: one.set } } };
  if ('unset' in one) return { crmId, $unset: [`notes.k${client}`] };
  return { crmId, $append: { tags: [`${client}-${at}-${one.append}`] } };
}

/** Sends what one client does; the token of its last write. */
async function run(crmId: string, client: number, requests: readonly (readonly Step[])[]): Promise<string> {
  let at = 0;
  let token = '';
  for (const request of requests) {
    const items = request.map((one) => upsertOf(crmId, client, one, at++));
    const sent = await sendItems(service, 'crm/upserts', items);
    if (sent.status !== 202) throw new Error(JSON.stringify(sent.body));
    token = sent.token as string;
  }
  return token;
}

describe('upserts of one fragment by clients at the same time', () => {
  it('give what a plain sequential model gives: each attribute that of its client, each append once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(clients, async (all) => {
        const crmId = `c${(owners += 1)}`;
        const tokens = await Promise.all(all.map((requests, client) => run(crmId, client, requests)));
        const token = tokens.reduce((one, other) => (one < other ? other : one));

        const { body } = await service.fetch(`/v1/datasets/crm/fragments/CRMID/${crmId}`, { token });
        const { revision, attributes } = body as {
          revision: number;
          attributes: { notes?: Record<string, unknown>; tags?: readonly string[] };
        };
        const expected = all.map((requests) => model(requests.flat()));
        const values = all.map((_, client) => attributes.notes?.[`k${client}`]);
        expect(values).toEqual(expected.map((value) => (value === undefined ? undefined : { v: value })));
        const tags = attributes.tags ?? [];
        all.forEach((requests, client) => {
          expect(tags.filter((tag) => tag.startsWith(`${client}-`))).toEqual(appended(client, requests.flat()));
        });
        expect(tags).toHaveLength(all.flatMap((requests, client) => appended(client, requests.flat())).length);
        expect(revision).toBe(all.flat(2).length - 1);
        const profile = await service.fetch(`/v1/profiles/CRMID/${crmId}`, { token });
        expect(profile.body).toMatchObject({ attributes });
      }),
      { numRuns: 40 },
    );
    const { body } = await service.fetch('/v1/projections/profile/verify', { method: 'POST' });
    const verified = await waitForJob(service, (body as { job: string }).job);
    expect(verified).toMatchObject({ state: 'succeeded', result: { differences: [] } });
  });
});
