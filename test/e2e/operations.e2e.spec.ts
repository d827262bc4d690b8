import { request } from 'node:http';
import { connect } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { waitForJob } from '../support/jobs.js';
import { killServices, startService, type Service } from '../support/service.js';

/** Sends a path as it stands: `fetch` would tidy it up first. */
function rawGet(service: Service, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => (body += text));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

/** Sends bytes that need not be HTTP, and resolves to what comes back until the connection is closed. */
function rawBytes(service: Service, bytes: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    socket.on('close', () => resolve(text)).on('error', reject);
  });
}

/** The operations of the HTTP contract that are served so far. */
const CONTRACT = [
  'PUT /v1/sandboxes/{}',
  'GET /v1/sandboxes',
  'POST /v1/sandboxes/{}/reset',
  'PUT /v1/namespaces/{}',
  'GET /v1/namespaces',
  'GET /v1/namespaces/{}',
  'PUT /v1/schemas/{}',
  'GET /v1/schemas',
  'GET /v1/schemas/{}',
  'POST /v1/schemas/{}/enable',
  'PUT /v1/datasets/{}',
  'GET /v1/datasets',
  'GET /v1/datasets/{}',
  'POST /v1/datasets/{}/enable',
  'POST /v1/datasets/{}/disable',
  'DELETE /v1/datasets/{}',
  'DELETE /v1/datasets/{}/data',
  'POST /v1/datasets/{}/records',
  'POST /v1/datasets/{}/events',
  'POST /v1/datasets/{}/upserts',
  'POST /v1/datasets/{}/batches',
  'GET /v1/batches',
  'GET /v1/batches/{}',
  'GET /v1/batches/{}/rejected',
  'POST /v1/batches/{}/abort',
  'POST /v1/batches/{}/revert',
  'GET /v1/datasets/{}/fragments/{}/{}',
  'GET /v1/profiles',
  'GET /v1/profiles/{}',
  'GET /v1/profiles/{}/{}',
  'GET /v1/profiles/{}/{}/events',
  'GET /v1/profiles/{}/{}/identities',
  'DELETE /v1/profiles/{}/{}',
  'DELETE /v1/profiles/by-identity',
  'GET /v1/profiles/by-identity',
  'GET /v1/profiles/by-identity/events',
  'GET /v1/profiles/by-identity/identities',
  'POST /v1/profiles/lookup',
  'GET /v1/identity-settings',
  'PUT /v1/identity-settings',
  'POST /v1/identity-links/block',
  'POST /v1/identity-links/unblock',
  'GET /v1/identity-signals',
  'GET /v1/jobs/{}',
  'GET /v1/projections',
  'POST /v1/projections/{}/rebuild',
  'POST /v1/projections/{}/verify',
  'POST /v1/projections/{}/replay-parked',
  'GET /health/live',
  'GET /health/ready',
];

describe('a service', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.stop());
  afterAll(killServices);

  it('listens on loopback only', () => {
    expect(new URL(service.url).hostname).toBe('127.0.0.1');
  });

  it('is live and ready once it says that it listens', async () => {
    expect(await service.fetch('/health/live')).toMatchObject({ status: 200, body: { status: 'live' } });
    expect(await service.fetch('/health/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
  });

  it('keeps its log on stderr as JSON lines', () => {
    for (const line of service.stderr.split('\n').filter(Boolean)) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), part: expect.any(String) });
    }
  });

  describe('describes itself', () => {
    it('in /openapi.json, with every path of the contract', async () => {
      const { status, body } = await service.fetch('/openapi.json');
      expect(status).toBe(200);
      const { paths } = body as { paths: Record<string, Record<string, unknown>> };
      const offered = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '{}')}`),
      );
      expect(CONTRACT.filter((operation) => !offered.includes(operation))).toEqual([]);
    });

    it('in /docs, with nothing from elsewhere', async () => {
      const page = await service.fetch('/docs');
      expect(page.status).toBe(200);
      const links = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string);
      expect(links.length).toBeGreaterThan(0);
      for (const link of links) {
        expect(link).not.toMatch(/^(https?:)?\/\//);
        expect((await service.fetch(new URL(link, `${service.url}/docs`).pathname)).status).toBe(200);
      }
    });

    it('in /metrics', async () => {
      const { status, body } = await service.fetch('/metrics');
      expect(status).toBe(200);
      expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
      expect(body).toMatch(/^tessera_items_total\{outcome="accepted"\} 0$/m);
      expect(body).toMatch(/^tessera_append_seconds_count \d+$/m);
      expect(body).toMatch(/^tessera_projection_lag_seconds\{projection="profile",version="\d+",state="live"\} 0$/m);
      expect(body).toMatch(/^tessera_projection_parked\{projection="profile",.*\} 0$/m);
    });
  });

  describe('refuses', () => {
    it('paths and methods that it does not have', async () => {
      expect(await service.fetch('/v1/nowhere')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
      const answer = await service.fetch('/v1/projections', { method: 'DELETE' });
      expect(answer).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
      expect(answer.headers.get('allow')).toBe('GET,HEAD');
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    });

    it('media types and bodies that it does not take', async () => {
      const xml = { method: 'PUT', body: '<a/>', headers: { 'content-type': 'application/xml' } };
      expect(await service.fetch('/v1/namespaces/X', xml)).toMatchObject({
        status: 415,
        body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
      });
      const broken = { method: 'PUT', body: '{"name":' };
      expect(await service.fetch('/v1/namespaces/X', broken)).toMatchObject({
        status: 400,
        body: { code: 'MALFORMED_BODY' },
      });
      const long = { method: 'PUT', body: { name: 'x'.repeat(1024 * 1024) } };
      expect(await service.fetch('/v1/namespaces/X', long)).toMatchObject({
        status: 413,
        body: { code: 'BODY_TOO_LARGE' },
      });
    });

    it.each(['nowhere', '__proto__', 'constructor', 'a/b', '%00', '../prod', "'; --", 'x'.repeat(2_000)])(
      'a sandbox called %p',
      async (sandbox) => {
        const answer = await service.fetch('/v1/namespaces', { sandbox });
        expect(answer).toMatchObject({ status: 404, body: { code: 'SANDBOX_NOT_FOUND' } });
      },
    );

    it.each(['/v1/profiles/CRMID/%', '/v1/profiles/CRMID/%ff', '/v1/profiles/by-identity?namespace=CRMID&id=%ff'])(
      'what is not percent-encoding: %s',
      async (path) => {
        const { status, body } = await rawGet(service, path);
        expect(status).toBe(400);
        expect(JSON.parse(body)).toMatchObject({ code: 'INVALID_REQUEST' });
      },
    );

    it('what is not HTTP, without more ado', async () => {
      expect(await rawBytes(service, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"MALFORMED_REQUEST"/s);
      const head = `GET / HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(40_000)}\r\n\r\n`;
      expect(await rawBytes(service, head)).toMatch(/^HTTP\/1\.1 431 .*"code":"HEADERS_TOO_LARGE"/s);
      expect((await service.fetch('/health/live')).status).toBe(200);
    });

    it('a consistency token from elsewhere', async () => {
      const answer = await service.fetch('/v1/profiles', { token: 'not-a-token' });
      expect(answer).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    });
  });

  describe('runs operations', () => {
    /** Asks until the job has ended; the service tells of progress, so there is no other event to wait for. */

    it('and lists the projections with their state', async () => {
      const { body } = await service.fetch('/v1/projections');
      expect(body).toEqual(
        expect.arrayContaining([
          {
            name: 'profile',
            version: expect.any(Number),
            state: 'live',
            position: expect.any(String),
            lagSeconds: expect.any(Number),
            parked: 0,
          },
        ]),
      );
    });

    it.each(['verify', 'rebuild', 'replay-parked'])('%s, as a job that can be followed', async (operation) => {
      const requested = await service.fetch(`/v1/projections/profile/${operation}`, { method: 'POST' });
      expect(requested.status).toBe(202);
      expect(requested.token).toBeDefined();
      const { job } = requested.body as { job: string };
      expect(await waitForJob(service, job)).toMatchObject({
        id: job,
        kind: operation,
        projection: 'profile',
        state: 'succeeded',
      });
    });

    it('one at a time of a kind', async () => {
      const request = () => service.fetch('/v1/projections/profile/verify', { method: 'POST' });
      const answers = await Promise.all([request(), request(), request()]);
      expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
      const { job } = answers.find(({ status }) => status === 202)?.body as { job: string };
      for (const { status, body } of answers)
        if (status === 409) expect(body).toMatchObject({ code: 'JOB_RUNNING', job });
      await waitForJob(service, job);
    });

    it('on projections that there are', async () => {
      const answer = await service.fetch('/v1/projections/nothing/rebuild', { method: 'POST' });
      expect(answer).toMatchObject({ status: 404, body: { code: 'PROJECTION_NOT_FOUND' } });
    });

    it.each(['nothing', '0'.repeat(32), 'a%2Fb', '__proto__', 'x'.repeat(1_000)])('and has no job %s', async (id) => {
      expect(await service.fetch(`/v1/jobs/${id}`)).toMatchObject({ status: 404, body: { code: 'JOB_NOT_FOUND' } });
    });
  });
});

describe('a service with an API key', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService({ env: { TESSERA_API_KEY: 'open-sesame' } });
  });
  afterAll(() => service.stop());

  it.each(['/v1/sandboxes', '/v1/nowhere', '/metrics', '/openapi.json', '/docs'])('guards %s', async (path) => {
    const stranger = await service.fetch(path);
    expect(stranger).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
    const friend = await service.fetch(path, { headers: { authorization: 'Bearer open-sesame' } });
    expect(friend.status).toBe(path === '/v1/nowhere' ? 404 : 200);
  });

  it('lets probes in', async () => {
    expect((await service.fetch('/health/live')).status).toBe(200);
    expect((await service.fetch('/health/ready')).status).toBe(200);
  });
});
