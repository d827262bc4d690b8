import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll } from '@jest/globals';

import { killServices, startService, type Service } from './service.js';

const CLI = fileURLToPath(new URL('../../dist/apps/cli/src/main.js', import.meta.url));

/** A page of `docs/guide` whose commands are typed in, in a folder of their own. */
export class Guide {
  /** Its shell commands, block by block in their order. */
  readonly blocks: readonly string[];

  constructor(
    page: string,
    readonly service: Service,
    private readonly folder: string,
  ) {
    this.blocks = guideBlocks(page, service);
  }

  /** Rejects when a command fails. */
  run(block: string): Promise<string> {
    return runBlock(block, this.folder, this.service);
  }

  /**
   * Runs all blocks of a page whose first one defines the dataset `crm`. Each sees what the one before it did, because
   * whoever types is slower than the view.
   */
  async runAll(): Promise<readonly string[]> {
    const outputs: string[] = [];
    for (const block of this.blocks) {
      outputs.push(await this.run(block));
      await this.#caughtUp();
    }
    return outputs;
  }

  async #caughtUp(): Promise<void> {
    const { token } = await this.service.fetch('/v1/datasets/crm/records', { body: [{ crmId: 'other' }] });
    await this.service.fetch('/v1/profiles/CRMID/other', { token });
  }
}

/** One service for all tests of a file; it ends with them. */
export function guideForAll(page: string): () => Guide {
  let folder = '';
  let guide: Guide | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-guide-'));
    guide = new Guide(page, await startService(), folder);
  });
  afterAll(async () => {
    await guide?.service.stop();
    rmSync(folder, { recursive: true });
    killServices();
  });
  return () => guide as Guide;
}

function guideBlocks(page: string, service: Service): readonly string[] {
  const text = readFileSync(new URL(`../../docs/guide/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```sh\n([^]*?)```/g)].map(([, commands = '']) =>
    commands
      .replaceAll('npm run -s tessera --', `"${process.execPath}" "${CLI}"`)
      .replaceAll('http://127.0.0.1:7400', service.url),
  );
}

function runBlock(commands: string, folder: string, service: Service): Promise<string> {
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
