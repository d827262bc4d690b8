import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { defineCrm, order } from '../support/crm-catalog.js';
import { killServices, serviceThatRefuses, startService, type Service } from '../support/service.js';
import { onEmbeddedEngines } from '../support/test-engines.js';

/** A folder that this user cannot write: the mode of a folder does not keep root out, the kernel's own tree does. */
function readOnlyFolder(parent: string): string {
  if (process.getuid?.() === 0 && process.platform === 'linux') return '/sys';
  const folder = join(parent, 'read-only');
  mkdirSync(folder, { mode: 0o500 });
  return folder;
}

describe('starting and stopping', () => {
  let folder: string;
  let dataDir: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-start-'));
    dataDir = join(folder, 'data');
  });
  afterEach(() => {
    killServices();
    rmSync(folder, { recursive: true, force: true });
  });

  it('a second service on the same folder refuses, and the first goes on', async () => {
    const service = await startService({ dataDir });
    const second = await serviceThatRefuses(dataDir);
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toMatch(/DATA_FOLDER_LOCKED: .*data.* is served by another process/);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect((await service.fetch('/health/ready')).status).toBe(200);
    await service.stop();
  });

  it('SIGTERM and SIGINT end it in good order', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const service = await startService({ dataDir });
      expect(await service.kill(signal)).toMatchObject({ code: 0, signal: null });
    }
  });

  describe('with a request under way', () => {
    /** A request whose head the service has and whose body is half there. */
    async function halfSent(service: Service) {
      const upload = request(`${service.url}/v1/datasets/orders/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', expect: '100-continue' },
      });
      const answered = once(upload, 'response').then(([answer]) => (answer as IncomingMessage).resume().statusCode);
      upload.flushHeaders();
      await once(upload, 'continue');
      upload.write(`${JSON.stringify(order('first'))}\n`);
      return { answered, finish: () => upload.end(`${JSON.stringify(order('last'))}\n`) };
    }

    /** Resolves when the service takes no more connections. */
    async function closedToOthers(service: Service): Promise<void> {
      while (await service.fetch('/health/live').then(Boolean, () => false));
    }

    it('it is answered before the end, and nothing else is taken', async () => {
      const service = await startService({ dataDir });
      await defineCrm(service);
      const upload = await halfSent(service);
      const ended = service.kill('SIGTERM');
      await closedToOthers(service);
      upload.finish();
      expect(await upload.answered).toBe(202);
      expect(await ended).toMatchObject({ code: 0 });

      const again = await startService({ dataDir });
      expect(await again.fetch('/v1/profiles/CRMID/7')).toMatchObject({ status: 200, body: { events: { count: 2 } } });
      await again.kill('SIGTERM');
    });

    it('a second signal does not wait for it', async () => {
      const service = await startService({ dataDir });
      await defineCrm(service);
      const { answered } = await halfSent(service);
      const cutOff = expect(answered).rejects.toThrow();
      const ended = service.kill('SIGTERM');
      await closedToOthers(service);
      await service.kill('SIGINT');
      expect(await ended).toMatchObject({ code: 1 });
      await cutOff;
    });
  });

  it('says one line on stdout', async () => {
    const service = await startService({ dataDir });
    const { stdout } = await service.kill('SIGTERM');
    expect(stdout).toBe(`Tessera listens on ${service.url}\n`);
  });

  it('a killed service leaves a folder that the next one takes over', async () => {
    const service = await startService({ dataDir });
    const written = await service.fetch('/v1/sandboxes/dev', { method: 'PUT', body: { title: 'Development' } });
    expect(written.status).toBe(201);
    expect(await service.kill('SIGKILL')).toMatchObject({ code: null, signal: 'SIGKILL' });
    const again = await startService({ dataDir });
    const { body } = await again.fetch('/v1/sandboxes');
    expect(JSON.stringify(body)).toContain('"dev"');
    await again.stop();
  });

  it('a folder below a file cannot be used', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const refused = await serviceThatRefuses(join(file, 'data'));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/DATA_FOLDER_UNUSABLE: .*part of the path is a file/);
  });

  it('a folder that cannot be written cannot be used', async () => {
    const refused = await serviceThatRefuses(readOnlyFolder(folder));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/DATA_FOLDER_UNUSABLE: .*(may not write there|file system is read-only)/);
  });

  it('a port that is taken is named', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    const refused = await serviceThatRefuses(dataDir, {}, port);
    other.close();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`ADDRESS_UNAVAILABLE: Cannot listen on 127.0.0.1:${port}`);
  });

  it('settings that are wrong are named, and nothing is touched', async () => {
    const refused = await serviceThatRefuses(dataDir, { TESSERA_HOST: '0.0.0.0', TESSERA_LOG_LEVEL: 'warn' });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/INVALID_CONFIGURATION: .*TESSERA_API_KEY is not set/);
    expect(existsSync(dataDir)).toBe(false);
  });

  onEmbeddedEngines('a read store that is ahead of its log is refused, and built again once it is gone', async () => {
    const file = (name: string) => join(dataDir, name);
    await (await startService({ dataDir })).kill('SIGTERM');
    copyFileSync(file('event-log.sqlite'), join(folder, 'backup'));
    const service = await startService({ dataDir });
    const written = await service.fetch('/v1/sandboxes/dev', { method: 'PUT', body: { title: 'Development' } });
    expect((await service.fetch('/v1/profiles', { token: written.token })).status).toBe(200);
    await service.kill('SIGTERM');
    for (const name of readdirSync(dataDir)) if (name.startsWith('event-log.')) rmSync(file(name));
    copyFileSync(join(folder, 'backup'), file('event-log.sqlite'));

    const refused = await serviceThatRefuses(dataDir);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/DATA_FOLDER_UNUSABLE: The read store is ahead of the event log/);

    for (const name of readdirSync(dataDir)) if (name.startsWith('read-store.')) rmSync(file(name));
    const again = await startService({ dataDir });
    expect((await again.fetch('/health/ready')).status).toBe(200);
    await again.kill('SIGTERM');
  });

  it('another naming secret than that of the log keeps it from starting', async () => {
    await (await startService({ dataDir })).kill('SIGTERM');
    const file = join(dataDir, 'naming-secret');
    const secret = readFileSync(file, 'utf8');
    writeFileSync(file, 'ab'.repeat(32));
    const refused = await serviceThatRefuses(dataDir);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/NAMING_SECRET_DIFFERS: .*is not the secret that this log was written with/);
    writeFileSync(file, secret);
    expect(await (await startService({ dataDir })).kill('SIGTERM')).toMatchObject({ code: 0 });
  });
});
