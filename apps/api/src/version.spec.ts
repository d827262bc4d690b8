import { readFileSync } from 'node:fs';

import { expect, it } from '@jest/globals';

import { VERSION } from './version.js';

it('the version that the API tells is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(VERSION).toBe(version);
});
