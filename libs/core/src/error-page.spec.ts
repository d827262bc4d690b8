import { readFileSync } from 'node:fs';

import { expect, it } from '@jest/globals';

import { errorPage } from './error-page.js';

it('docs/guide/errors.md says what the error catalogue says (npm run docs:errors writes it)', () => {
  expect(readFileSync(new URL('../../../docs/guide/errors.md', import.meta.url), 'utf8')).toBe(errorPage());
});
