import { appendFileSync } from 'node:fs';

/**
 * Notes that a test has really opened an engine, for the line at the end of `npm test`.
 * Call it after the adapter is open: a contract suite per adapter, an e2e harness per service it starts.
 */
export function reportEngine(port: 'event log' | 'read store', engine: string): void {
  const file = process.env['TESSERA_ENGINES_USED'];
  // Unset when jest is started by hand: then nobody reads it.
  if (file !== undefined) appendFileSync(file, `${port}=${engine}\n`);
}
