import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { peakMemoryOf } from '../support/peak-memory.js';
import type { BenchEngines } from './engines.js';

/** A service that the bench has started, as a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  /** From the start of the process until it was ready. */
  readonly readyMs: number;
  /** Most memory it has ever had, in bytes; `undefined` where the system does not tell. */
  peakMemory(): number | undefined;
  /** CPU time of all its threads so far, in seconds; `undefined` where the system does not tell. */
  cpuSeconds(): number | undefined;
  /** Ends it in good order: what it leaves on disk is then complete and without a write-ahead log. */
  stop(): Promise<void>;
}

const CLI = new URL('../../apps/cli/src/main.js', import.meta.url).pathname;

/** Starts `tessera serve` on a folder, with nothing of this process's own settings. Throws with its last words. */
export async function startServiceProcess(
  folder: string,
  port: number,
  engines: BenchEngines,
): Promise<ServiceProcess> {
  const logFile = join(folder, 'service.log');
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, 'serve', '--data', join(folder, 'data'), '--port', String(port)], {
    stdio: ['ignore', 'pipe', openSync(logFile, 'a')],
    env: { ...withoutSettings(process.env), ...engines.env },
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // The bench may be interrupted, or fail: then nobody else would end it. First, as its folder is removed next.
  const endWithParent = (): void => void child.kill('SIGKILL');
  process.prependOnceListener('exit', endWithParent);
  const url = await addressOf(child);
  if (url === undefined) throw new Error(`the service did not start: ${readFileSync(logFile, 'utf8').slice(-2_000)}`);
  return {
    url,
    readyMs: performance.now() - started,
    peakMemory: () => peakMemoryOf(child.pid ?? 0),
    cpuSeconds: () => cpuSecondsOf(child.pid ?? 0),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      process.removeListener('exit', endWithParent);
    },
  };
}

/** Does some work with a service that is ended afterwards, whatever became of the work: a bench that failed would wait for it. */
export async function withServiceProcess<T>(
  folder: string,
  port: number,
  engines: BenchEngines,
  work: (service: ServiceProcess) => Promise<T>,
): Promise<T> {
  const service = await startServiceProcess(folder, port, engines);
  try {
    return await work(service);
  } finally {
    await service.stop();
  }
}

function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = /^(TESSERA_.*|EVENTSTOREDB_URL|MONGODB_URL)$/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.test(name)));
}

/** What the one line on standard output says; `undefined` when the process ended without it. */
async function addressOf(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface(child.stdout)) {
    const address = /listens on (\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  return undefined;
}

/** The kernel counts in hundredths of a second on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

function cpuSecondsOf(processId: number): number | undefined {
  try {
    // The name of the program may have spaces, and ends with the last parenthesis.
    const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return (Number(fields?.[11]) + Number(fields?.[12])) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** Bytes that the files of a stopped service take. */
export interface DiskUse {
  readonly log: number;
  readonly readStore: number;
}

export function diskUse(folder: string): DiskUse {
  const data = join(folder, 'data');
  const sizeOf = (prefix: string): number =>
    readdirSync(data)
      .filter((name) => name.startsWith(prefix))
      .reduce((sum, name) => sum + statSync(join(data, name)).size, 0);
  return { log: sizeOf('event-log'), readStore: sizeOf('read-store') };
}
