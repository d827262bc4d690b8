import { CommanderError } from 'commander';
import { isTesseraError } from '#core';
import { CliError, EXIT } from './cli-error.js';
import { tesseraProgram } from './program.js';
import { note } from './terminal/output.js';

/** Runs one command line; its exit status is left in `process.exitCode`. */
async function main(argv: readonly string[]): Promise<void> {
  try {
    await tesseraProgram().parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error, argv.includes('--debug'));
  }
}

/** Says in one line what went wrong, and where with `--debug`. */
function report(error: unknown, debug: boolean): number {
  // Commander has said it already; its codes for help and version are 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.failed;
  const message = error instanceof Error ? error.message : String(error);
  const code = isTesseraError(error) ? `${error.code}: ` : '';
  note(`tessera: ${code}${message.split('\n', 1)[0] ?? ''}`);
  if (debug) note(String(stackOf(error)));
  return error instanceof CliError ? error.exitStatus : EXIT.failed;
}

function stackOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause = error.cause === undefined ? '' : `\ncaused by ${String(stackOf(error.cause))}`;
  return `${error.stack ?? error.message}${cause}`;
}

// `tessera profile … | head` closes the pipe early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});

await main(process.argv);
