import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { withoutSettings } from './test-engines.js';

/** The command line as it was built. */
const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));
const HEALTH = /health on (\S+)$/m;

/** A projector in a process of its own. */
export interface ProjectorProcess {
  /** Of its health endpoints. */
  readonly url: string;
  readonly pid: number;
  /** What it logged so far. */
  log(): string;
  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end; answers the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const alive = new Set<ChildProcess>();

/** For `afterEach`: what a failed spec has left running does not outlive it. */
export function killProjectors(): void {
  for (const child of alive) child.kill('SIGKILL');
}

/** Runs `tessera projector` on a free port and resolves when its health endpoints answer. */
export async function startProjector(env: Readonly<Record<string, string>>): Promise<ProjectorProcess> {
  const child = spawn(process.execPath, [CLI, 'projector', '--port', '0'], {
    env: { ...withoutSettings(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  alive.add(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      alive.delete(child);
      resolve(code);
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const [, found] = HEALTH.exec(stdout) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`the projector did not start: ${stderr}`)));
  });
  return {
    url,
    pid: child.pid as number,
    log: () => stderr,
    signal: (signal) => void child.kill(signal),
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
