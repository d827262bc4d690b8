import type { Command } from 'commander';
import { EXIT } from '../cli-error.js';
import { addCommand, exitWith, wholeNumber } from './command.js';

/** What the entry of the API offers; apps never import one another, so only its promise is known here. */
interface ApiEntry {
  /** Resolves when the service is ready; a signal ends the process. */
  readonly serve: (options: { readonly dataDir?: string; readonly port?: number }) => Promise<unknown>;
}

interface ServeCommandOptions {
  readonly data?: string;
  readonly port?: number;
}

export function addServeCommand(program: Command): void {
  addCommand(program, {
    usage: 'serve',
    summary: 'serve a data folder over HTTP, with the embedded engines',
    description:
      'Serve a data folder over HTTP, with the embedded engines, until Ctrl-C. Says one line on standard output when ' +
      'it is ready; its log goes to standard error. Settings that are not given here come from TESSERA_DATA_DIR, ' +
      'TESSERA_PORT, TESSERA_HOST, TESSERA_API_KEY and TESSERA_LOG_LEVEL.',
    examples: [
      ['serve --data ./tessera-data --port 7400', 'what it does by default'],
      ['serve --port 0', 'any port that is free'],
    ],
  })
    .option('--data <folder>', 'data folder (default: ./tessera-data)')
    .option('--port <number>', 'port to listen on; 0 takes any that is free (default: 7400)', wholeNumber(0, 65_535))
    .action(
      exitWith(async ({ data, port }: ServeCommandOptions) => {
        const entry = new URL('../../../api/src/main.js', import.meta.url).href;
        const { serve } = (await import(entry)) as ApiEntry;
        await serve({ ...(data !== undefined && { dataDir: data }), ...(port !== undefined && { port }) });
        return EXIT.done;
      }),
    );
}
