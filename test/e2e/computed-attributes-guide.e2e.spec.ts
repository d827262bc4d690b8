import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { guideBlocks, runBlock } from '../support/guide.js';
import { killServices, startService, type Service } from '../support/service.js';

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

describe('the guide to computed attributes', () => {
  it('does what it says, command by command', async () => {
    const outputs: string[] = [];
    for (const block of guideBlocks('computed-attributes.md', service)) {
      outputs.push(await runBlock(block, folder, service));
    }
    const [load, read, tried] = outputs;

    expect(load).toContain('3 accepted, 0 there already, 0 refused');
    expect(read).toContain('"status":"DRAFT"');
    expect(read).toMatch(/spend +PROCESSED +SUM total +Spend/);
    expect(read).toMatch(/bought1m +PROCESSED +xEvent\[/);
    expect(read).toContain(
      '"computedAttributes":{"bought1m":{"value":1,"complete":true},"spend":{"value":0.2,"complete":true}}',
    );
    expect(tried).toContain('"results":[{"identity":{"namespace":"CRMID","id":"7"},"found":true,"value":0.2}]');
    expect(tried).toContain('expected a text in quotes, a number, \\"true\\" or \\"false\\", but found ]');
  });
});
