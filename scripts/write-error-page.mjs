// Writes docs/guide/errors.md from the error catalogue of the build.
import { writeFileSync } from 'node:fs';
import { errorPage } from '#core';

writeFileSync(new URL('../docs/guide/errors.md', import.meta.url), errorPage());
