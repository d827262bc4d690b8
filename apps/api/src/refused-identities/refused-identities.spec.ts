import { describe, expect, it } from '@jest/globals';

import { Metrics } from '#observability';

import { RefusedIdentities } from './refused-identities.js';

const blocked = (value: string, namespace = 'Email') => ({ namespace, value, code: 'IDENTITY_BLOCKED' }) as const;

function counting() {
  const metrics = new Metrics();
  const refused = new RefusedIdentities({ now: () => 5 }, metrics);
  return { metrics, refused, tell: refused.listener('sbx00001') };
}

describe('refused identities', () => {
  it('are counted by namespace and code, and blocked ones by value, most first', () => {
    const { refused, tell } = counting();
    for (const value of ['guest', ' NA', 'na', 'na ']) tell(blocked(value));
    tell(blocked('na', 'CRMID'));
    tell({ namespace: 'ECID', value: '7', code: 'IDENTITY_INVALID' });
    expect(refused.since).toBe(5);
    expect(refused.counts('sbx00001')).toEqual([
      { namespace: 'Email', code: 'IDENTITY_BLOCKED', count: 4 },
      { namespace: 'CRMID', code: 'IDENTITY_BLOCKED', count: 1 },
      { namespace: 'ECID', code: 'IDENTITY_INVALID', count: 1 },
    ]);
    expect(refused.values('sbx00001', 2)).toEqual([
      { namespace: 'Email', value: 'na', count: 3 },
      { namespace: 'Email', value: 'guest', count: 1 },
    ]);
  });

  it('keep neither what does not fit a namespace nor what is too long', () => {
    const { refused, tell } = counting();
    tell({ namespace: 'ECID', value: 'ona@example.org', code: 'IDENTITY_INVALID' });
    tell(blocked('x'.repeat(1_025)));
    tell(blocked('y'.repeat(2_000)));
    expect(refused.values('sbx00001', 10)).toEqual([{ namespace: 'Email', value: 'over 1024 characters', count: 2 }]);
  });

  it('are those of one sandbox', () => {
    const { refused, tell } = counting();
    tell(blocked('na'));
    expect([refused.counts('sbx00002'), refused.values('sbx00002', 9)]).toEqual([[], []]);
  });

  it('keep no more values than there is room for, and count the rest as a whole', () => {
    const { refused, tell } = counting();
    for (let i = 0; i < 10_010; i += 1) tell(blocked(`v${i}`));
    tell(blocked('v0'));
    expect(refused.values('sbx00001', 20_000)).toHaveLength(10_000);
    expect(refused.values('sbx00001', 1)).toEqual([{ namespace: 'Email', value: 'v0', count: 2 }]);
    expect(refused.counts('sbx00001')).toEqual([{ namespace: 'Email', code: 'IDENTITY_BLOCKED', count: 10_011 }]);
  });

  it('are told to Prometheus without their values', async () => {
    const { metrics, tell } = counting();
    tell(blocked('secret@example.org'));
    const text = await metrics.print();
    expect(text).toContain('tessera_identities_refused_total{namespace="Email",code="IDENTITY_BLOCKED"} 1');
    expect(text).not.toContain('secret');
  });
});
