import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { JsonObject, JsonValue } from '#core';

import { killServices, startService, type Service } from '../support/service.js';
import { defineShop, given, publish, putAttribute, valuesOf } from '../support/computed/shop.js';
import { waitForJob } from '../support/jobs.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await defineShop(service);
});
afterAll(() => service.stop());
afterAll(killServices);

const AT = '2024-03-01T00:00:00Z';

let orders = 0;
const order = (customer: string, total: JsonValue, timestamp = '2024-02-20T10:00:00Z', more: JsonObject = {}) => ({
  _id: `o${(orders += 1)}`,
  timestamp,
  eventType: 'buy',
  crmId: customer,
  total,
  ...more,
});

const attribute = (name: string) => service.fetch(`/v1/computed-attributes/${name}`);
const post = (path: string, body: JsonObject = {}) =>
  service.fetch(`/v1/computed-attributes/${path}`, { method: 'POST', body });

describe('a computed attribute', () => {
  it('is a draft until it is published, and then shows in profiles and in the union', async () => {
    const defined = await putAttribute(service, 'spend', { title: 'Spend', aggregate: 'SUM', path: 'total' });
    expect(defined).toMatchObject({
      status: 201,
      body: { name: 'spend', title: 'Spend', status: 'DRAFT', aggregate: 'SUM', path: 'total' },
    });
    await given(service, [order('1', 0.1), order('1', 0.2)]);
    expect(await valuesOf(service, '1')).toEqual({});
    const published = await post('spend/publish');
    expect(published).toMatchObject({ status: 200, body: { type: 'number', job: expect.any(String) } });
    await waitForJob(service, (published.body as { job: string }).job);
    expect((await attribute('spend')).body).toMatchObject({ status: 'PROCESSED' });
    expect(await valuesOf(service, '1')).toEqual({ spend: { value: 0.3, complete: true } });
    const { body } = await service.fetch('/v1/unions/profile');
    expect((body as { paths: unknown }).paths).toContainEqual({
      path: 'computedAttributes.spend.value',
      type: 'number',
      schemas: [],
    });
  });

  it('is right at once after late events, repeats, merges and deletes', async () => {
    await publish(service, 'total', { aggregate: 'SUM', path: 'total' });
    const spend = async (customer: string) =>
      (await valuesOf(service, customer, 'fields=computedAttributes.total'))['total'];
    const first = order('2', 10);
    await given(service, [first, first, order('2', 5, '2011-01-01T00:00:00Z')]);
    expect(await spend('2')).toEqual({ value: 15, complete: true });
    await given(service, [order('3', 7)]);
    const link = { WEB: [{ id: 'cookie' }] };
    await given(service, [
      order('2', 1, undefined, { identityMap: link }),
      order('3', 1, undefined, { identityMap: link }),
    ]);
    expect(await spend('3')).toEqual({ value: 24, complete: true });
    const deleted = await service.fetch('/v1/profiles/CRMID/2', { method: 'DELETE' });
    expect(deleted.status).toBe(202);
    const { token } = deleted;
    const after = await service.fetch('/v1/profiles/CRMID/3', token === undefined ? {} : { token });
    expect(after.body).toMatchObject({ computedAttributes: { total: { value: 8 } } });
  });

  it('has windows that are exact at any moment, both ends in', async () => {
    await publish(service, 'hour', { aggregate: 'COUNT', window: { count: 1, unit: 'HOURS' } });
    await publish(service, 'month', { aggregate: 'COUNT', window: { count: 1, unit: 'MONTHS' } });
    await given(service, [
      order('4', 1, '2024-02-29T00:00:00.000Z'),
      order('4', 1, '2024-02-28T23:59:59.999Z'),
      order('4', 1, '2024-03-31T00:00:00.000Z'),
      order('4', 1, '2024-03-31T00:00:00.001Z'),
      order('4', 1, '2024-03-30T23:00:00.000Z'),
      order('4', 1, '2024-03-30T22:59:59.999Z'),
    ]);
    const values = await valuesOf(
      service,
      '4',
      'fields=computedAttributes.hour,computedAttributes.month&at=2024-03-31T00:00:00Z',
    );
    expect(values).toEqual({ hour: { value: 2, complete: true }, month: { value: 4, complete: true } });
  });

  it('takes numbers with exponents for what they are', async () => {
    const orders = await service.fetch('/v1/datasets/orders/events', {
      method: 'POST',
      body: `[{"_id":"x1","timestamp":"2024-02-20T10:00:00Z","crmId":"12","total":1E-7},
              {"_id":"x2","timestamp":"2024-02-20T10:00:00Z","crmId":"12","total":2.5e+2},
              {"_id":"x3","timestamp":"2024-02-20T10:00:00Z","crmId":"12","total":"3"}]`,
    });
    expect(orders).toMatchObject({ status: 207, body: { accepted: 2, results: [{ code: 'SCHEMA_VIOLATION' }] } });
    const { token } = orders;
    const read = await service.fetch('/v1/profiles/CRMID/12', token === undefined ? {} : { token });
    expect(read.body).toMatchObject({ computedAttributes: { spend: { value: 250.0000001 } } });
  });

  it('says when, how many and whether it is exact', async () => {
    await publish(service, 'last', { aggregate: 'MOST_RECENT', path: 'total' });
    await publish(service, 'least', { aggregate: 'MIN', path: 'total' });
    await publish(service, 'lasts', { expression: 'xEvent[total > 1].list(total, 2)' });
    await given(service, [order('5', 1.5, '2024-01-01T00:00:00Z'), order('5', 2.5, '2024-01-02T00:00:00Z')]);
    await given(service, [order('5', 9007199254740991), order('5', 9007199254740991, '2024-01-03T00:00:00Z')]);
    const fields = 'fields=computedAttributes.last,computedAttributes.lasts,computedAttributes.spend';
    expect(await valuesOf(service, '5', `${fields}&at=2024-01-02T12:00:00Z`)).toMatchObject({
      last: { value: 2.5, at: '2024-01-02T00:00:00.000Z' },
      lasts: { value: [2.5, 1.5] },
    });
    expect(await valuesOf(service, '5', fields)).toMatchObject({ spend: { value: '18014398509481986' } });
    expect(await valuesOf(service, '5', 'fields=computedAttributes.least&at=2000-01-01T00:00:00Z')).toEqual({
      least: { complete: true },
    });
  });

  it('counts under a merge policy what the policy selects', async () => {
    await service.fetch('/v1/merge-policies/alone', {
      method: 'PUT',
      body: { identityGraph: 'none', attributeMerge: { type: 'timestampOrdered' } },
    });
    await service.fetch('/v1/merge-policies/visitsOnly', {
      method: 'PUT',
      body: { attributeMerge: { type: 'dataSetPrecedence', order: ['visits'] } },
    });
    const link = { WEB: [{ id: 'cookie6' }] };
    await given(service, [
      order('6', 4, undefined, { identityMap: link }),
      order('7', 5, undefined, { identityMap: link }),
    ]);
    await given(service, [order('6', 100)], 'visits');
    const under = async (policy: string) =>
      (await valuesOf(service, '6', `fields=computedAttributes.spend&mergePolicy=${policy}`))['spend'];
    expect(await under('default')).toMatchObject({ value: 109 });
    expect(await under('alone')).toMatchObject({ value: 104 });
    expect(await under('visitsOnly')).toMatchObject({ value: 100 });
  });

  it('shows in lookups, and where its field is asked for', async () => {
    const token = await given(service, [order('8', 3)]);
    const looked = await service.fetch('/v1/profiles/lookup', {
      method: 'POST',
      ...(token !== undefined && { token }),
      body: {
        identities: [
          { namespace: 'CRMID', id: '8' },
          { namespace: 'CRMID', id: 'nobody' },
        ],
        fields: 'computedAttributes.spend',
        at: '2024-03-01T00:00:00Z',
      },
    });
    expect(looked.body).toMatchObject({
      results: [{ profile: { attributes: {}, computedAttributes: { spend: { value: 3 } } } }, { found: false }],
    });
    expect(await valuesOf(service, '8', 'fields=crmId')).toEqual({});
  });

  it('is surveyed over all profiles, at a moment that is said', async () => {
    const survey = { aggregate: 'MAX', path: 'total', where: { path: 'channel', op: '=', value: 'survey' } };
    await publish(service, 'surveyed', survey);
    const totals = [4, 1, 3, 2.5, -1];
    await given(
      service,
      totals.map((total, index) => order(`s${index}`, total, undefined, { channel: 'survey' })),
    );
    await valuesOf(service, 's4');
    const { profileId } = (await service.fetch('/v1/profiles/CRMID/s1')).body as { profileId: string };
    const lowest = await service.fetch('/v1/computed-attributes/surveyed/values?order=asc&limit=2');
    expect(lowest).toMatchObject({
      status: 200,
      body: { at: expect.any(String), complete: true, items: [{ value: -1 }, { value: 1, profileId }] },
    });
    const highest = await service.fetch('/v1/computed-attributes/surveyed/values');
    expect((highest.body as { items: { value: number }[] }).items.map(({ value }) => value)).toEqual([
      4, 3, 2.5, 1, -1,
    ]);
    const { at } = lowest.body as { at: string };
    const distribution = await service.fetch('/v1/computed-attributes/surveyed/distribution');
    expect(distribution.body).toMatchObject({ at, count: 5, min: -1, max: 4, mean: 1.9, histogram: expect.any(Array) });
    const { quantiles } = distribution.body as { quantiles: { p50: number } };
    expect(Math.abs(quantiles.p50 - 2.5)).toBeLessThan(0.03);
    expect(await service.fetch('/v1/computed-attributes/nothing/values')).toMatchObject({ status: 404 });
    await publish(service, 'texts', { aggregate: 'MOST_RECENT', path: 'channel' });
    expect(await service.fetch('/v1/computed-attributes/texts/distribution')).toMatchObject({ status: 422 });
  });

  it('can be tried out before it is kept', async () => {
    await given(service, [order('9', 2), order('9', 3, '2023-01-01T00:00:00Z')]);
    // What was sent is visible from here on.
    await valuesOf(service, '9');
    const preview = await post('preview', {
      definition: { expression: 'xEvent[timestamp occurs <= 1 month before now].sum(total)' },
      identities: [
        { namespace: 'CRMID', id: '9' },
        { namespace: 'CRMID', id: 'nobody' },
      ],
      at: AT,
    });
    expect(preview).toMatchObject({
      status: 200,
      body: {
        definition: { aggregate: 'SUM', path: 'total', window: { count: 1, unit: 'MONTHS' } },
        type: 'number',
        results: [{ found: true, value: 2 }, { found: false }],
      },
    });
    const samples = await post('preview', { definition: { aggregate: 'COUNT' } });
    expect((samples.body as { results: unknown[] }).results).toHaveLength(5);
    expect(await post('preview', { definition: { aggregate: 'SUM', path: 'crmId' } })).toMatchObject({
      status: 422,
      body: { code: 'ATTRIBUTE_INVALID', errors: [{ path: 'path' }] },
    });
  });
});

describe('what is wrong with an attribute is said', () => {
  const SUM = { aggregate: 'SUM', path: 'total' };
  it.each<[string, JsonObject, string, string]>([
    ['a window of 0', { ...SUM, window: { count: 0, unit: 'HOURS' } }, 'ATTRIBUTE_INVALID', 'window.count'],
    ['a window of 25 hours', { ...SUM, window: { count: 25, unit: 'HOURS' } }, 'ATTRIBUTE_INVALID', 'window.count'],
    ['an expression that is cut', { expression: 'xEvent[total > 1].cou' }, 'EXPRESSION_INVALID', 'expression'],
    ['one of 10,000 characters', { expression: 'xEvent.count()'.padEnd(10_000) }, 'EXPRESSION_INVALID', 'expression'],
    [
      'one that is nested 1,000 deep',
      { expression: `xEvent[${'('.repeat(1_000)}a = 1${')'.repeat(1_000)}].count()` },
      'EXPRESSION_INVALID',
      'expression',
    ],
  ])('%s', async (_what, body, code, path) => {
    expect(await putAttribute(service, 'bad', body)).toMatchObject({ status: 422, body: { code, errors: [{ path }] } });
  });

  it('with its place in the expression', async () => {
    const { body } = await putAttribute(service, 'bad', { expression: 'xEvent[total > 1\n  or ].count()' });
    expect(body).toMatchObject({ line: 2, column: 6, offset: 22, expected: expect.arrayContaining(['a path']) });
  });

  it('when it is published, where it does not fit the events', async () => {
    for (const [definition, message] of [
      [{ aggregate: 'SUM', path: 'crmId' }, 'SUM takes numbers; crmId is of the type string'],
      [{ aggregate: 'SUM', path: 'nothing' }, 'no enabled event schema has the path nothing'],
      [{ aggregate: 'SUM', path: 'computedAttributes.spend.value' }, 'an attribute cannot refer to another one'],
    ] as const) {
      await putAttribute(service, 'misfit', definition);
      expect(await post('misfit/publish')).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'path', message }] },
      });
    }
  });

  it('where its name is taken, unknown or impossible', async () => {
    expect(await putAttribute(service, 'spend', { aggregate: 'COUNT' })).toMatchObject({
      status: 409,
      body: { code: 'ATTRIBUTE_DIFFERS' },
    });
    expect(await putAttribute(service, 'no-name', { aggregate: 'COUNT' })).toMatchObject({ status: 400 });
    expect(await attribute('nothing')).toMatchObject({ status: 404, body: { code: 'ATTRIBUTE_NOT_FOUND' } });
    expect(await service.fetch('/v1/computed-attributes/spend', { method: 'DELETE' })).toMatchObject({ status: 409 });
  });
});

describe('the life of an attribute', () => {
  it('is published once, however many ask at once', async () => {
    await putAttribute(service, 'twice', { aggregate: 'COUNT' });
    const answers = await Promise.all([1, 2, 3].map(() => post('twice/publish')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { job } = (await attribute('twice')).body as { job: string };
    expect(await waitForJob(service, job)).toMatchObject({ state: 'succeeded', result: { filledIn: true } });
    expect((await attribute('twice')).body).toMatchObject({ status: 'PROCESSED' });
  });

  it('ends when it is disabled, also while it is filled in', async () => {
    await putAttribute(service, 'gone', { aggregate: 'COUNT' });
    const { job } = (await post('gone/publish')).body as { job: string };
    const disabled = await post('gone/disable');
    expect(disabled).toMatchObject({ status: 200, body: { status: 'DISABLED' } });
    expect(await waitForJob(service, job)).toMatchObject({ state: 'succeeded' });
    await given(service, [order('10', 1)]);
    expect(await valuesOf(service, '10', 'fields=computedAttributes.gone')).toEqual({});
    expect(await post('gone/publish')).toMatchObject({ status: 409, body: { code: 'ATTRIBUTE_DISABLED' } });
  });

  it('can end as a draft', async () => {
    await putAttribute(service, 'draft', { aggregate: 'COUNT' });
    expect(await post('draft/disable')).toMatchObject({ status: 409, body: { code: 'ATTRIBUTE_IS_DRAFT' } });
    expect((await service.fetch('/v1/computed-attributes/draft', { method: 'DELETE' })).status).toBe(204);
    expect((await attribute('draft')).status).toBe(404);
  });

  it('outlives the deletion of a dataset while it is filled in', async () => {
    await given(service, [order('11', 2)]);
    await given(service, [order('11', 40)], 'doomed');
    await putAttribute(service, 'left', { aggregate: 'SUM', path: 'total' });
    const { job } = (await post('left/publish')).body as { job: string };
    const deleted = await service.fetch('/v1/datasets/doomed', { method: 'DELETE' });
    await waitForJob(service, (deleted.body as { job: string }).job);
    await waitForJob(service, job);
    expect(await valuesOf(service, '11', 'fields=computedAttributes.left')).toEqual({
      left: { value: 2, complete: true },
    });
  });
});
