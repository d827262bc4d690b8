import { execFile } from 'node:child_process';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BareLimit } from './bare-limit.js';
import type { BenchEngines } from './engines.js';
import type { BareLimitReport } from './report.js';
import type { ReadyRequest } from './requests.js';

/** Puts down what the bare limit will append; before the bodies are handed to another thread. */
export function writeBareLimitInput(folder: string, requests: readonly ReadyRequest[]): void {
  const lines = openSync(join(folder, 'lines.ndjson'), 'w');
  for (const { body } of requests) writeSync(lines, body);
  closeSync(lines);
  writeFileSync(join(folder, 'batches.json'), JSON.stringify(requests.map(({ items }) => items)));
}

/** Runs it in a process of its own, as the service had one. */
export async function runBareLimit(folder: string, { eventStoreDbUrl }: BenchEngines): Promise<BareLimitReport> {
  const name = eventStoreDbUrl === undefined ? './bare-limit.js' : './bare-limit-eventstoredb.js';
  const program = fileURLToPath(new URL(name, import.meta.url));
  const words = [program, folder, ...(eventStoreDbUrl === undefined ? [] : [eventStoreDbUrl])];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  const { items, appendMs, readBackMs, diskBytes } = JSON.parse(stdout) as BareLimit;
  return {
    appendPerSecond: (items * 1000) / appendMs,
    readBackPerSecond: (items * 1000) / readBackMs,
    ...(diskBytes !== undefined && { diskPerItem: diskBytes / items }),
  };
}
