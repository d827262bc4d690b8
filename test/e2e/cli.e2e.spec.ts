import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { tessera } from '../support/cli.js';
import { type Service, startService } from '../support/service.js';

const SETUP = fileURLToPath(new URL('../../examples/retail/setup.json', import.meta.url));
const CSV = [
  'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
  '536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,United Kingdom',
  '536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850,United Kingdom',
  '536370,22728,ALARM CLOCK,many,2010-12-01 08:45:00,3.75,12583,France',
  'C536391,22556,PLASTERS,-12,2010-12-01 10:24:00,1.65,17850,United Kingdom',
  '536414,22139,NA,56,2010-12-01 11:52:00,0,NA,United Kingdom',
].join('\n');

let service: Service;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-cli-'));
  service = await startService();
  expect(await at('setup', SETUP)).toMatchObject({ status: 0 });
});

afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a command against the service of this spec. */
function at(...words: readonly string[]) {
  return tessera(words, { env: { TESSERA_URL: service.url } });
}

/** A file in the folder of this spec. */
function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function purchase(id: string, customerId: unknown): string {
  const event = { eventType: 'commerce.purchases', customerId, sku: 'A', quantity: 1, unitPrice: 1, priceTotal: 1 };
  return JSON.stringify({ _id: id, timestamp: '2011-01-01T00:00:00Z', ...event });
}

async function eventCount(customerId: string): Promise<number> {
  const { body } = await service.fetch(`/v1/profiles/CRMID/${customerId}`);
  return (body as { events: { count: number } }).events.count;
}

describe('tessera load', () => {
  it('loads NDJSON, names the refused lines and ends with 1', async () => {
    const errors = join(folder, 'refused.ndjson');
    const lines = [purchase('a-1', 'load-1'), '', purchase('a-2', 7), '{"broken', purchase('a-3', 'load-1')];

    const load = ['load', file('a.ndjson', lines.join('\n')), '--dataset', 'purchases', '--max-bad', '50'];
    const ended = await at(...load, '--errors', errors);

    expect(ended).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('2 accepted, 0 there already, 2 refused'),
    });
    expect(ended.stderr).toMatch(/^line 3: SCHEMA_VIOLATION customerId: must be string$/m);
    expect(ended.stderr).toMatch(/^line 4: MALFORMED_ITEM/m);
    const refused = readFileSync(errors, 'utf8').trim().split('\n');
    expect(refused.map((line) => (JSON.parse(line) as { line: number }).line).sort()).toEqual([3, 4]);
    expect(await eventCount('load-1')).toBe(2);
  });

  it('makes no duplicates when it is repeated, gzipped or not', async () => {
    const lines = Array.from({ length: 50 }, (_, index) => purchase(`b-${index}`, 'load-2')).join('\n');
    const words = ['--dataset', 'purchases'];

    const once = await at('load', file('b.ndjson', lines), ...words);
    const again = await at('load', file('b.ndjson.gz', gzipSync(lines)), ...words);

    expect(once).toMatchObject({ status: 0, stdout: expect.stringContaining('50 accepted, 0 there already') });
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('0 accepted, 50 there already') });
    expect(await eventCount('load-2')).toBe(50);
  });

  it('recognises a file that was loaded before, and loads it again by force', async () => {
    const lines = ['Rome', 'Oslo', 'Rome'].map((country) => JSON.stringify({ customerId: 'load-3', country }));
    const words = ['load', file('c.ndjson', lines.join('\n')), '--dataset', 'customers'];

    const once = await at(...words);
    const again = await at(...words);
    const forced = await at(...words, '--force');

    // The third line is not the first one again: the customer moved back.
    expect(once.stdout).toContain('3 accepted, 0 there already');
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('0 accepted, 3 there already') });
    expect(forced.stdout).toContain('3 accepted, 0 there already');
    const { body } = await service.fetch('/v1/profiles/CRMID/load-3');
    expect(body).toMatchObject({ attributes: { country: 'Rome' } });
  });

  it('reads standard input', async () => {
    const words = ['load', '-', '--dataset', 'purchases', '--url', service.url];

    const ended = await tessera(words, { stdin: purchase('d-1', 'load-4') });

    expect(ended.status).toBe(0);
    expect(await eventCount('load-4')).toBe(1);
  });

  it('loads nothing of a file with too many bad rows, says why, and ends with 2', async () => {
    const csv = 'customerId,country\nload-6,Rome\nload-7\n,Oslo\n';

    const ended = await at('load', file('f.csv', csv), '--dataset', 'customers');

    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toContain('line 3: MALFORMED_ROW has 1 cells where the header has 2');
    expect(ended.stderr).toContain('line 4: SCHEMA_VIOLATION');
    expect(ended.stderr).toContain('TOO_MANY_BAD_ROWS: 2 of 3 rows are bad');
    expect((await service.fetch('/v1/profiles/CRMID/load-6')).status).toBe(404);
  });

  it('loads CSV, Parquet and JSON by their names', async () => {
    const parquet = parquetWriteBuffer({ columnData: [{ name: 'customerId', data: ['load-9'], type: 'STRING' }] });
    const files = [
      file('g.tsv.gz', gzipSync('customerId\tcountry\nload-8\tFrance\n')),
      file('g.parquet', Buffer.from(parquet)),
      file('g.json', '[{"customerId":"load-10"}]'),
    ];

    for (const path of files) {
      const ended = await at('load', path, '--dataset', 'customers');
      expect(ended).toMatchObject({ status: 0, stdout: expect.stringContaining('1 accepted, 0 there already') });
    }

    for (const id of ['load-8', 'load-9', 'load-10']) {
      expect((await service.fetch(`/v1/profiles/CRMID/${id}`)).status).toBe(200);
    }
  });

  it('makes three datasets of the retail CSV and names the rows that are no items', async () => {
    const ended = await at('load', file('retail.csv', CSV), '--format', 'retail', '--wait');

    expect(ended).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('5 accepted, 0 there already, 1 refused'),
    });
    expect(ended.stderr).toContain('line 4: MALFORMED_ROW "many" is not a whole number');
    const { body } = await service.fetch('/v1/profiles/CRMID/17850');
    expect(body).toMatchObject({
      attributes: { customerId: '17850', country: 'United Kingdom', customerSince: '2010-12-01T08:26:00Z' },
      events: { count: 3 },
    });
    expect((await service.fetch('/v1/profiles/BASKET/536414')).status).toBe(200);
    expect((await service.fetch('/v1/profiles/CRMID/12583')).status).toBe(404);
  });

  it.each([
    ['a dataset that is not there', ['--dataset', 'nowhere'], 'DATASET_NOT_FOUND'],
    ['no dataset', [], 'say which dataset'],
    ['a kind that the dataset does not take', ['--dataset', 'purchases', '--kind', 'records'], 'WRONG_CLASS'],
  ])('says in one line what is wrong with %s', async (_what, words, message) => {
    const ended = await at('load', file('e.ndjson', purchase('e-1', 'load-5')), ...words);

    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr.trim().split('\n')).toEqual([expect.stringContaining(message)]);
  });
});

describe('tessera profile', () => {
  it('shows a profile and its newest events', async () => {
    await at('load', file('p.ndjson', purchase('p-1', 'profile-1')), '--dataset', 'purchases');

    const ended = await at('profile', 'CRMID', 'profile-1', '--events', '3');

    expect(ended.status).toBe(0);
    expect(ended.stdout).toMatch(/^identities\s+CRMID:profile-1$/m);
    expect(ended.stdout).toMatch(/^2011-01-01T00:00:00\S*Z {2}commerce\.purchases {2}.*sku=A/m);
  });

  it('prints the answer of the service as JSON', async () => {
    await at('load', file('q.ndjson', purchase('q-1', 'a/ b%')), '--dataset', 'purchases');

    const ended = await at('profile', 'CRMID', 'a/ b%', '--json');

    expect(JSON.parse(ended.stdout)).toMatchObject({
      identity: { namespace: 'CRMID', id: 'a/ b%' },
      events: { count: 1 },
    });
  });

  it('ends with 1 when there is none', async () => {
    expect(await at('profile', 'CRMID', 'nobody')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'tessera: there is no profile of CRMID nobody\n',
    });
  });
});

describe('the commands of an operator', () => {
  it('rebuild, verify and status', async () => {
    await at('load', file('o.ndjson', purchase('o-1', 'operator-1')), '--dataset', 'purchases');

    const rebuilt = await at('rebuild');
    const verified = await at('verify');
    const status = await at('status');

    expect(rebuilt).toMatchObject({ status: 0, stdout: expect.stringMatching(/^rebuilt in \d+\.\d s: /) });
    expect(verified).toMatchObject({ status: 0, stdout: '' });
    expect(verified.stderr).toMatch(/^[1-9][\d,]* documents compared, 0 differ$/m);
    expect(status).toMatchObject({ status: 0, stdout: expect.stringMatching(/^profile .*live/m) });
    expect(await eventCount('operator-1')).toBe(1);
  });

  it('say that a projection is not there', async () => {
    expect(await at('verify', 'nothing')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('PROJECTION_NOT_FOUND'),
    });
  });
});

describe('a service with an API key', () => {
  it('takes the key from the option or the environment', async () => {
    const guarded = await startService({ env: { TESSERA_API_KEY: 'secret-key' } });
    try {
      const without = await tessera(['status', '--url', guarded.url]);
      const option = await tessera(['status', '--url', guarded.url, '--api-key', 'secret-key']);
      const variable = await tessera(['status', '--url', guarded.url], { env: { TESSERA_API_KEY: 'secret-key' } });

      expect(without).toMatchObject({ status: 2, stderr: expect.stringContaining('401 UNAUTHORIZED') });
      expect(option.status).toBe(0);
      expect(variable.status).toBe(0);
    } finally {
      await guarded.stop();
    }
  });
});
