import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { withoutSettings } from './test-engines.js';

/** The command line as it was built. */
const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

export interface CliEnded {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** What it reads from standard input; nothing by default. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs `tessera <words>` to its end. */
export function tessera(words: readonly string[], options: CliOptions = {}): Promise<CliEnded> {
  return runNode([CLI, ...words], options);
}

/** Runs a program with the Node of this test to its end. */
export function runNode(words: readonly string[], { stdin = '', env = {} }: CliOptions = {}): Promise<CliEnded> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...words], { env: { ...withoutSettings(process.env), ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr }));
    // A command that ends without reading closes the pipe under us.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
  });
}
