import { existsSync } from 'node:fs';

/**
 * A file of the build, for what must run outside of jest: worker threads and processes. `path` as in the source tree,
 * with `.js`.
 */
export function built(path: string): URL {
  const url = new URL(`../../dist/${path}`, import.meta.url);
  if (!existsSync(url)) throw new Error(`dist/${path} is missing: run "npm run build" first`);
  return url;
}
