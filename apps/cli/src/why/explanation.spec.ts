import { describe, expect, it } from '@jest/globals';

import { clusterLines, lineageLines } from './explanation.js';

const CRM = { namespace: 'CRMID', id: '7' };
const OTHER = { namespace: 'CRMID', id: '8' };
const WEB = { namespace: 'WEB', id: 'w' };
const [AT, LATER] = ['2024-01-01T00:00:00.000Z', '2024-01-02T00:00:00.000Z'];

describe('the explanation of a cluster', () => {
  it('names each link with its state, and the reason of one that does not join', () => {
    const seen = { firstSeen: AT, lastSeen: LATER };
    const cluster = {
      profileId: 'abc',
      identities: [
        { ...CRM, ...seen },
        { ...WEB, ...seen },
      ],
      links: [
        { a: CRM, b: WEB, first: AT, last: LATER, datasets: ['visits', 'crm'], state: 'active' },
        { a: OTHER, b: WEB, first: AT, last: AT, datasets: ['visits'], state: 'excluded', reason: 'unique' },
      ],
      next: 'x',
    };
    expect(clusterLines(cluster)).toEqual([
      'profile abc: 2 identities',
      `  CRMID:7  first seen ${AT}, last seen ${LATER}`,
      `  WEB:w    first seen ${AT}, last seen ${LATER}`,
      '',
      'links',
      `  CRMID:7 - WEB:w  active             ${AT} to ${LATER}, by visits, crm`,
      `  CRMID:8 - WEB:w  excluded (unique)  ${AT}, by visits`,
      '  ... and more, which GET /v1/profiles/{namespace}/{id}/identities pages through',
    ]);
  });

  it('says when there is only one identity, and no link', () => {
    const cluster = { profileId: 'abc', identities: [{ ...CRM, firstSeen: AT, lastSeen: AT }], links: [] };
    expect(clusterLines(cluster)).toEqual([
      'profile abc: 1 identity',
      `  CRMID:7  first seen ${AT}, last seen ${AT}`,
      '',
      'no links',
    ]);
  });
});

describe('the explanation of attributes', () => {
  const policy = { mergePolicy: { id: 'mine', version: 2 } };
  const value = (text: string, dataset: string, rule: string) => ({
    value: text,
    dataset,
    identity: CRM,
    at: AT,
    fragmentUpdatedAt: LATER,
    rule,
  });

  it('says who won by which rule, and who lost and why', () => {
    const city = {
      path: 'city',
      ...value('Oslo', 'loyalty', 'dataSetPrecedence'),
      losers: [value('Rome', 'crm', 'dataSetPrecedence'), value('Bonn', 'crm', 'newestUpdate')],
    };
    const zip = {
      path: 'home.zip',
      ...value('1', 'crm', 'newestChange'),
      losers: [{ ...value('Kyiv', 'web', 'newestChange'), path: 'home' }],
    };
    expect(lineageLines({ ...policy, leaves: [city, zip] })).toEqual([
      'attributes under the merge policy mine, version 2',
      '  city = "Oslo"',
      `    from loyalty (CRMID:7) since ${AT}: its dataset comes first in the order of the policy`,
      '    not "Rome" from crm (CRMID:7): its dataset comes later in the order of the policy',
      `    not "Bonn" from crm (CRMID:7): its fragment was updated earlier, at ${LATER}`,
      '  home.zip = "1"',
      `    from crm (CRMID:7) since ${AT}: it changed last`,
      `    not "Kyiv" at home from web (CRMID:7): it changed earlier, at ${AT}`,
    ]);
  });

  it('shows rules that it does not know by their names, and cuts what is too long to read', () => {
    const [, text, source] = lineageLines({
      ...policy,
      leaves: [{ path: 'a', ...value('x'.repeat(300), 'crm', 'fromLater'), losers: [] }],
    });
    expect(text).toBe(`  a = "${'x'.repeat(99)}...`);
    expect(source).toContain(': fromLater');
    expect(lineageLines({ ...policy, leaves: [] })).toEqual([
      'attributes under the merge policy mine, version 2: none',
    ]);
  });
});
