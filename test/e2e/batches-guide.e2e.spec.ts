import { describe, expect, it } from '@jest/globals';

import { guideForAll } from '../support/guide.js';

const guide = guideForAll('bring-data-in.md');

describe('the guide to bring data in', () => {
  it('does what it says, command by command', async () => {
    const outputs: string[] = [];
    const { blocks, service } = guide();
    for (const block of blocks.slice(0, -1)) outputs.push(await guide().run(block));
    const [, setup, load, bad, http] = outputs;

    expect(setup).toContain('201 PUT /v1/datasets/crm');
    expect(load).toContain('3 items');
    expect(load).toContain('3 accepted, 0 there already, 0 refused');
    expect(load).toMatch(/identities +CRMID:7, Email:ona@example\.org|CRMID:7/);
    expect(bad).toContain('TOO_MANY_BAD_ROWS');
    expect(bad).toContain('status 2');
    expect(bad).toContain('1 accepted, 0 there already, 1 refused');
    expect(bad).toContain('status 1');
    expect(bad).toContain('"line":3,"code":"SCHEMA_VIOLATION"');
    expect(http).toContain('"status":"received"');
    expect(http).toContain('"status":"success"');
    expect((await service.fetch('/v1/profiles/CRMID/8')).body).toMatchObject({
      attributes: { crmId: '8', name: { first: 'Ben', last: 'Ray, jr.' } },
    });
    expect((await service.fetch('/v1/profiles/CRMID/7')).body).toMatchObject({
      attributes: { tags: ['new', 'vip'], visits: 3 },
    });
    expect((await service.fetch('/v1/profiles/CRMID/9')).body).toMatchObject({ attributes: { tags: ['vip'] } });

    const out = await guide().run(blocks.at(-1) ?? '');
    expect(out).toContain('deleted 1 fragments');
    expect(out).toMatch(/^counts\.refused +2$/m);
    expect((await service.fetch('/v1/profiles')).body).toEqual({ items: [] });
  });
});
