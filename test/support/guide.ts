import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Service } from './service.js';

const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

/** The shell commands of a page of `docs/guide`, block by block in their order, for the service of a spec. */
export function guideBlocks(page: string, service: Service): readonly string[] {
  const text = readFileSync(new URL(`../../docs/guide/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, commands = '']) =>
    commands
      .replaceAll('npm run -s tessera --', `"${process.execPath}" "${CLI}"`)
      .replaceAll('http://127.0.0.1:7400', service.url),
  );
}

/** Runs a block as somebody types it in; rejects when a command fails. */
export function runBlock(commands: string, folder: string, service: Service): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, TESSERA_URL: service.url };
    const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], { cwd: folder, env });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${code}: ${output}`))));
  });
}
