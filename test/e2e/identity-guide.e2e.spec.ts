import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { runNode } from '../support/cli.js';
import { guideForAll } from '../support/guide.js';

const DRAW = fileURLToPath(new URL('../../scripts/draw-identity-pictures.mjs', import.meta.url));

const guide = guideForAll('identity.md');

describe('the guide to identities', () => {
  it('does what it says, command by command', async () => {
    const [setup, logins, why, merged, repaired = '', blocked, signals] = await guide().runAll();
    expect(setup).toContain('201 PUT /v1/datasets/visits');
    expect(setup).toMatch(/unique namespaces +CRMID\n/);
    expect(setup).toContain('all profiles follow them');
    expect(logins?.match(/"accepted":1/g)).toHaveLength(2);
    expect(why).toMatch(/WEB:x.* active /);
    expect(why).toMatch(/CRMID:b/);
    expect(why).toMatch(/CRMID:a.*excluded.*CRMID, which is unique/);

    expect(merged).toMatch(/identities +CRMID:7, Email:info@shop\.example, CRMID:8\n/);
    expect(repaired).toContain('CRMID:8 - Email:info@shop.example is blocked');
    expect(repaired).toMatch(/city +Oslo\n/);
    expect(repaired).toMatch(/identities +CRMID:8\n/);
    expect(repaired).toContain('blocked (an address of the shop, says ona)');
    expect(repaired).toContain('CRMID:8 - Email:info@shop.example counts again');
    expect(blocked).toMatch(/blocked values +info@shop\.example\n/);
    expect(blocked).toMatch(/identities +CRMID:8\n/);
    expect(signals).toContain('no profile near the limit of 50 identities');
  });

  it('has the pictures that the graph draws', async () => {
    expect(await runNode([DRAW, '--check'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
