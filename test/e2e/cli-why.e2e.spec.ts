import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { tessera } from '../support/cli.js';
import { given } from '../support/crm-catalog.js';
import { definePeople, precedence, putPolicy, visitOf, workedExample } from '../support/policy-catalog.js';
import { killServices, startService, type Service } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService();
  await definePeople(service);
  await putPolicy(service, 'loyalty-first', precedence('loyalty', 'crm'));
  await given(service, 'visits/events', [visitOf('v', 'w/eb', '7')]);
  const token = await workedExample(service, '7');
  await service.fetch('/v1/profiles/CRMID/7', { token });
});
afterAll(() => service.stop());
afterAll(killServices);

const why = (...words: readonly string[]) => tessera(['why', ...words], { env: { TESSERA_URL: service.url } });

describe('tessera why', () => {
  it('tells which links join the identities, and where each attribute comes from', async () => {
    const { status, stdout } = await why('crmid', '7');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^profile [0-9a-f]{32}: 2 identities$/m);
    expect(stdout).toMatch(
      /^ {2}(CRMID:7 - WEB:w\/eb|WEB:w\/eb - CRMID:7) +active +2024-01-01T10:00:00.000Z, by visits$/m,
    );
    expect(stdout).toContain('attributes under the merge policy default, version 1\n');
    expect(stdout).toContain(
      '  city = "Rome"\n' +
        '    from crm (CRMID:7) since 2024-01-01T00:00:01.000Z: its fragment was updated last\n' +
        '    not "Oslo" from loyalty (CRMID:7): its fragment was updated earlier, at 2024-01-01T00:00:02.000Z\n',
    );
    expect(stdout).toContain(
      '  phone = "1"\n    from crm (CRMID:7) since 2024-01-01T00:00:01.000Z: no other fragment has it\n',
    );
  });

  it('tells only what is at a path, under the policy that is named', async () => {
    const { status, stdout } = await why('WEB', 'w/eb', 'tier', '--policy', 'loyalty-first');
    expect(status).toBe(0);
    expect(stdout.slice(stdout.indexOf('attributes'))).toBe(
      'attributes under the merge policy loyalty-first, version 1\n' +
        '  tier = "gold"\n' +
        '    from loyalty (CRMID:7) since 2024-01-01T00:00:02.000Z: its dataset comes first in the order of the policy\n' +
        '    not "none" from crm (CRMID:7): its dataset comes later in the order of the policy\n',
    );
  });

  it('prints JSON as the service answers it', async () => {
    const { stdout } = await why('CRMID', '7', 'city', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      links: [{ state: 'active' }],
      lineage: { leaves: [{ path: 'city', value: 'Rome', losers: [{ value: 'Oslo' }] }] },
    });
  });

  it.each<[readonly string[], number, RegExp]>([
    [['CRMID', 'nobody'], 1, /CRMID nobody is not known/],
    [['CRMID', '7', 'nowhere'], 1, /there is nothing at nowhere/],
    [['CRMID', '7', '--policy', 'nope'], 2, /MERGE_POLICY_NOT_FOUND/],
    [['CRMID', '7', 'a..b'], 2, /INVALID_REQUEST/],
  ])('%j ends with %i', async (words, status, message) => {
    const ended = await why(...words);
    expect(ended.status).toBe(status);
    expect(ended.stderr).toMatch(message);
  });
});
