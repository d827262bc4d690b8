import { describe, expect, it } from '@jest/globals';
import { signalLines } from './signal-lines.js';

const SINCE = '2024-01-01T00:00:00.000Z';

describe('signals for people', () => {
  it('say that there is nothing', () => {
    expect(
      signalLines({
        nearLimit: { limit: 50, count: 0, items: [] },
        manyLinks: { count: 0, items: [] },
        refused: { since: SINCE, counts: [], values: [] },
      }),
    ).toEqual([
      'no profile near the limit of 50 identities',
      'no identity with unusually many links',
      `values refused since ${SINCE}: 0`,
    ]);
  });

  it('name what there is, list by list', () => {
    const identity = { namespace: 'Email', id: 'test@example.org' };
    expect(
      signalLines({
        nearLimit: {
          limit: 50,
          count: 2,
          items: [
            { profileId: 'a', identity, size: 50, evicted: true },
            { profileId: 'b', identity: { namespace: 'CRMID', id: '7' }, size: 41, evicted: false },
          ],
        },
        manyLinks: { count: 1_000, items: [{ identity, links: 12_345 }] },
        refused: {
          since: SINCE,
          counts: [{ namespace: 'CRMID', code: 'IDENTITY_BLOCKED', count: 3 }],
          values: [{ namespace: 'CRMID', value: 'na', count: 3 }],
        },
      }),
    ).toEqual([
      '2 profiles near the limit of 50 identities',
      '  Email:test@example.org  50  others had to leave',
      '  CRMID:7                 41',
      '1,000 or more identities with unusually many links',
      '  Email:test@example.org  12,345',
      `values refused since ${SINCE}: 3`,
      '  CRMID  3  IDENTITY_BLOCKED',
      'of them blocked',
      '  CRMID:na  3',
    ]);
  });
});
