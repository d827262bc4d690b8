import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runNode } from '../support/cli.js';
import { guideBlocks, runBlock } from '../support/guide.js';
import { killServices, startService, type Service } from '../support/service.js';

const DRAW = fileURLToPath(new URL('../../scripts/draw-identity-pictures.mjs', import.meta.url));

let service: Service;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-guide-'));
  service = await startService();
});

afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
  killServices();
});

describe('the guide to identities', () => {
  it('does what it says, command by command', async () => {
    const outputs: string[] = [];
    for (const block of guideBlocks('identity.md', service)) {
      outputs.push(await runBlock(block, folder, service));
      // Whoever types is slower than the view.
      await visible();
    }
    const [setup, logins, why, merged, repaired = '', blocked, signals] = outputs;
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

  async function visible(): Promise<void> {
    const { token } = await service.fetch('/v1/datasets/crm/records', { body: [{ crmId: 'other' }] });
    await service.fetch('/v1/profiles/CRMID/other', { token });
  }
});
