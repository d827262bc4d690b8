import { describe, expect, it } from '@jest/globals';

import { guideForAll } from '../support/guide.js';

const guide = guideForAll('merge-policies.md');

describe('the guide to merge policies', () => {
  it('does what it says, command by command', async () => {
    const [setup, items, preview = '', reads = '', why, defaults = ''] = await guide().runAll();
    expect(setup).toContain('201 PUT /v1/datasets/loyalty');
    expect(items?.match(/"accepted":1/g)).toHaveLength(3);
    expect(JSON.parse(preview)).toMatchObject({
      results: [
        {
          differences: expect.arrayContaining([
            { path: 'city', change: 'changed', before: 'Rome', after: 'Oslo' },
            { path: 'tier', change: 'changed', before: 'none', after: 'gold' },
          ]),
        },
      ],
    });
    expect(
      jsonLines(reads)
        .slice(3)
        .map((profile) => profile['attributes']),
    ).toEqual([
      { city: 'Rome', phone: '1', tier: 'none' },
      { city: 'Oslo', phone: '1', tier: 'none' },
      { city: 'Oslo', phone: '1', tier: 'gold' },
      { city: 'Oslo', tier: 'gold' },
    ]);
    expect(why).toContain('city = "Oslo"');
    expect(why).toContain('not "Rome" from crm (CRMID:7): its dataset comes later in the order of the policy');
    expect(jsonLines(defaults)).toMatchObject([
      { id: 'loyalty-first', default: true },
      { attributes: { city: 'Oslo' } },
      { code: 'MERGE_POLICY_IS_DEFAULT' },
    ]);
  });

  const jsonLines = (text: string) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
});
