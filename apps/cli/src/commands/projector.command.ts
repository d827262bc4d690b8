import type { Command } from 'commander';
import { EXIT } from '../cli-error.js';
import { addCommand, exitWith, wholeNumber } from './command.js';

/** What the entry of the projector offers; apps never import one another, so only its promise is known here. */
interface ProjectorEntry {
  /** Resolves when a signal has ended it. */
  readonly project: (options: { readonly port?: number }) => Promise<void>;
}

export function addProjectorCommand(program: Command): void {
  addCommand(program, {
    usage: 'projector',
    summary: 'run the projections in a process of their own',
    description:
      'Run the projections in a process of their own, beside `tessera serve --projector elsewhere`, until Ctrl-C. ' +
      'Needs EVENTSTOREDB_URL and MONGODB_URL, and the naming secret of the service (TESSERA_NAMING_SECRET, or the ' +
      'same TESSERA_DATA_DIR). Of several projectors one works; the others stand by, and one of them takes over within ' +
      '15 s when it dies. /health/live, /health/ready and /metrics answer on TESSERA_HOST and TESSERA_PORT.',
    examples: [['projector --port 7401', 'what it does by default']],
  })
    .option('--port <number>', 'port of the health endpoints (default: 7401)', wholeNumber(0, 65_535))
    .action(
      exitWith(async ({ port }: { readonly port?: number }) => {
        const entry = new URL('../../../projector/src/main.js', import.meta.url).href;
        const { project } = (await import(entry)) as ProjectorEntry;
        await project(port === undefined ? {} : { port });
        return EXIT.done;
      }),
    );
}
