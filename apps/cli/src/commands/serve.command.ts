import { Option, type Command } from 'commander';
import { EXIT } from '../cli-error.js';
import { addCommand, exitWith, wholeNumber } from './command.js';

/** What the entry of the API offers; apps never import one another, so only its promise is known here. */
interface ApiEntry {
  /** Resolves when the service is ready; a signal ends the process. */
  readonly serve: (options: {
    readonly dataDir?: string;
    readonly port?: number;
    readonly projector?: string;
  }) => Promise<unknown>;
}

interface ServeCommandOptions {
  readonly data?: string;
  readonly port?: number;
  readonly projector?: string;
}

export function addServeCommand(program: Command): void {
  addCommand(program, {
    usage: 'serve',
    summary: 'serve over HTTP: a data folder with the embedded engines, or servers',
    description:
      'Serve over HTTP until Ctrl-C: a data folder with the embedded engines, or EventStoreDB and MongoDB where ' +
      'EVENTSTOREDB_URL and MONGODB_URL name them. Says one line on standard output when it is ready; its log goes to ' +
      'standard error. Settings that are not given here come from the environment (README, "Settings"): ' +
      'TESSERA_DATA_DIR, TESSERA_PORT, TESSERA_HOST, TESSERA_API_KEY, TESSERA_PROJECTOR, TESSERA_NAMING_SECRET and ' +
      'TESSERA_LOG_LEVEL.',
    examples: [
      ['serve --data ./tessera-data --port 7400', 'what it does by default'],
      ['serve --port 0', 'any port that is free'],
    ],
  })
    .option('--data <folder>', 'data folder (default: ./tessera-data)')
    .option('--port <number>', 'port to listen on; 0 takes any that is free (default: 7400)', wholeNumber(0, 65_535))
    .addOption(
      new Option(
        '--projector <where>',
        'where projections run: here, in this process (default), or elsewhere, in `tessera projector`',
      ).choices(['here', 'elsewhere']),
    )
    .action(
      exitWith(async ({ data, port, projector }: ServeCommandOptions) => {
        const entry = new URL('../../../api/src/main.js', import.meta.url).href;
        const { serve } = (await import(entry)) as ApiEntry;
        await serve({
          ...(data !== undefined && { dataDir: data }),
          ...(port !== undefined && { port }),
          ...(projector !== undefined && { projector }),
        });
        return EXIT.done;
      }),
    );
}
