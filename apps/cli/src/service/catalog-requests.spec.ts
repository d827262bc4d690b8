import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCatalogRequests } from './catalog-requests.js';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/retail/setup.json', import.meta.url));

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-setup-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('a setup file', () => {
  it('of the example can be read', () => {
    expect(readCatalogRequests(EXAMPLE)[0]).toEqual({
      method: 'PUT',
      path: '/v1/namespaces/CRMID',
      body: { name: 'Customer number', idType: 'CROSS_DEVICE' },
    });
  });

  it.each([
    ['{"requests":[{"method":"PUT"', 'cannot read'],
    ['[]', 'has no list of requests'],
    ['{"requests":[7]}', 'request 1 is not an object'],
    ['{"requests":[{"method":"DELETE","path":"/v1/x"}]}', 'request 1 is neither PUT nor POST'],
    ['{"requests":[{"method":"PUT","path":"v1/x"}]}', 'path of request 1 does not begin with /v1/'],
  ])('%s is refused: %s', (content, message) => {
    const file = join(folder, 'setup.json');
    writeFileSync(file, content);

    expect(() => readCatalogRequests(file)).toThrow(message);
  });
});
