import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { reportEngine } from './engines.js';
import { engineEnvironment, testEngines, withoutSettings } from './test-engines.js';
import { fetchJson, type JsonAnswer, type JsonRequest } from './fetch-json.js';

/** The service as it was built, in a process of its own. */
const ENTRY = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));
const LISTENS = /^Tessera listens on (\S+)$/m;

export interface ServiceOptions {
  /** A folder of the test's own by default, removed when the service is stopped. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `tessera serve` on a free port and resolves when it listens. Rejects with what it printed when it ends instead. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const ownFolder = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'tessera-e2e-')) : undefined;
  const dataDir = options.dataDir ?? join(ownFolder as string, 'data');
  const running = spawnService(dataDir, options.env);
  const url = await running.listens;
  if (url === undefined) {
    const { stderr } = await running.ended;
    if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true });
    throw new Error(`the service did not start: ${stderr}`);
  }
  // A spec that brings an engine of its own reports it.
  if (options.env?.['EVENTSTOREDB_URL'] === undefined) reportEngine('event log', testEngines.log);
  if (options.env?.['MONGODB_URL'] === undefined) reportEngine('read store', testEngines.store);
  return new Service(url, dataDir, running, ownFolder);
}

/** Runs `tessera serve` where it is expected to refuse, and resolves to how it ended. */
export async function serviceThatRefuses(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
  port?: number,
): Promise<Ended> {
  const running = spawnService(dataDir, env, port);
  if ((await running.listens) !== undefined) {
    running.child.kill('SIGKILL');
    throw new Error('the service has started');
  }
  return running.ended;
}

const alive = new Set<ChildProcess>();

/** For `afterEach`: what a failed spec has left running does not outlive it. */
export function killServices(): void {
  for (const child of alive) child.kill('SIGKILL');
}

export class Service {
  constructor(
    readonly url: string,
    readonly dataDir: string,
    private readonly running: RunningProcess,
    private readonly ownFolder: string | undefined,
  ) {}

  get pid(): number {
    return this.running.child.pid as number;
  }

  /** What it logged so far. */
  get stderr(): string {
    return this.running.output.stderr;
  }

  /** Sends a signal and waits for the end; the data stays. */
  async kill(signal: NodeJS.Signals): Promise<Ended> {
    this.running.child.kill(signal);
    return this.running.ended;
  }

  /** Ends it in good order and removes the folder that was made for it. */
  async stop(): Promise<Ended> {
    const ended = await this.kill('SIGTERM');
    if (this.ownFolder !== undefined) rmSync(this.ownFolder, { recursive: true, force: true });
    return ended;
  }

  /** The same data, served by a new process. */
  async restart(env?: Readonly<Record<string, string>>): Promise<Service> {
    const again = await startService({ dataDir: this.dataDir, ...(env && { env }) });
    return new Service(again.url, this.dataDir, again.running, this.ownFolder);
  }

  fetch(path: string, request: JsonRequest = {}): Promise<JsonAnswer> {
    return fetchJson(this.url, path, request);
  }
}

interface RunningProcess {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  /** The URL; `undefined` when the process ended before it listened. */
  readonly listens: Promise<string | undefined>;
  readonly ended: Promise<Ended>;
}

function spawnService(dataDir: string, env: Readonly<Record<string, string>> = {}, port = 0): RunningProcess {
  // A flag would win over a port that the environment sets on purpose.
  const flags = env['TESSERA_PORT'] === undefined ? ['--port', String(port)] : [];
  const child = spawn(process.execPath, [ENTRY, 'serve', '--data', dataDir, ...flags], {
    env: { ...withoutSettings(process.env), ...engineEnvironment(dataDir), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  const output = { stdout: '', stderr: '' };
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  const listening = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
      const [, url] = LISTENS.exec(output.stdout) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  return { child, output, ended, listens: Promise.race([listening, ended.then(() => undefined)]) };
}
