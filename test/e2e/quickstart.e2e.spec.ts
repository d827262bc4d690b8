import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runNode } from '../support/cli.js';
import { freePort } from '../support/free-port.js';
import { engineEnvironment, withoutSettings } from '../support/test-engines.js';

const QUICKSTART = fileURLToPath(new URL('../../scripts/quickstart.mjs', import.meta.url));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-quickstart-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function listen(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

describe('the quickstart', () => {
  it('loads the example, compares every profile with the CSV, and does so again on the same folder', async () => {
    const words = [QUICKSTART, '--exit', '--data', join(folder, 'data'), '--port', String(await freePort())];

    const env = engineEnvironment(join(folder, 'data'));
    const first = await runNode(words, { env });
    const second = await runNode(words, { env });

    expect(first.stdout).toContain('36,323 accepted, 0 there already, 0 refused');
    expect(first.stdout).toContain('It is right: 236 purchases and 4 cancellations, 6416.39 in all, as in the CSV.');
    expect(first.stdout).toContain('So are the other 299 customers');
    expect(first.status).toBe(0);
    expect(second.stdout).toContain('0 accepted, 36,323 there already, 0 refused');
    expect(second.status).toBe(0);
  });

  it('keeps serving until it is interrupted, and leaves nothing running', async () => {
    const words = [QUICKSTART, '--data', join(folder, 'data'), '--port', String(await freePort())];
    const env = { ...withoutSettings(process.env), ...engineEnvironment(join(folder, 'data')) };
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let url = '';
    for await (const line of createInterface(child.stdout)) {
      url = /^(http:\S+), its log is/.exec(line)?.[1] ?? url;
      if (line === 'The service runs until Ctrl-C.') break;
    }
    expect((await fetch(`${url}/v1/profiles/CRMID/12431`)).status).toBe(200);

    child.kill('SIGINT');

    expect(await ended).toBe(0);
    await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
  });

  it('says which port is taken', async () => {
    const server = await listen();
    const { port } = server.address() as AddressInfo;

    const ended = await runNode([QUICKSTART, '--exit', '--data', join(folder, 'taken'), '--port', String(port)]);

    server.close();
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(`port ${port} is taken`);
  });
});
