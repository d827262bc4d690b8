import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { killServices, startService, type Service } from '../support/service.js';

const GUIDE = fileURLToPath(new URL('../../docs/guide/bring-data-in.md', import.meta.url));
const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

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

/** The commands of the guide in their order, for the service of this spec. */
function blocks(): readonly string[] {
  const text = readFileSync(GUIDE, 'utf8');
  return [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, commands = '']) =>
    commands
      .replaceAll('npm run -s tessera --', `"${process.execPath}" "${CLI}"`)
      .replaceAll('http://127.0.0.1:7400', service.url),
  );
}

/** Runs a block as somebody types it in; throws when a command fails. */
function run(commands: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, TESSERA_URL: service.url };
    const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], { cwd: folder, env });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${code}: ${output}`))));
  });
}

describe('the guide to bring data in', () => {
  it('does what it says, command by command', async () => {
    const outputs: string[] = [];
    const all = blocks();
    for (const block of all.slice(0, -1)) outputs.push(await run(block));
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

    const out = await run(all.at(-1) ?? '');
    expect(out).toContain('deleted 1 fragments');
    expect(out).toMatch(/^counts\.refused +2$/m);
    expect((await service.fetch('/v1/profiles')).body).toEqual({ items: [] });
  });
});
