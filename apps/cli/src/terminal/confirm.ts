import { createInterface } from 'node:readline';
import { CliError } from '../cli-error.js';

/** Where somebody can be asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

export const standardTerminal: Terminal = { input: process.stdin, output: process.stderr };

/**
 * Returns when somebody types `word` after the question. Throws a `CliError` for any other answer, and where nobody can
 * be asked: a script says beforehand, with `option`, that it means it.
 */
export async function askFor(
  word: string,
  question: string,
  option: string,
  { input, output }: Terminal = standardTerminal,
): Promise<void> {
  if (input.isTTY !== true) throw new CliError(`${question} Nobody can be asked here: say ${option}`);
  output.write(`${question} Type "${word}" to go on: `);
  const lines = createInterface({ input, terminal: false });
  const answer = await new Promise<string>((resolve) => {
    lines.once('line', resolve);
    // Ctrl-D answers nothing.
    lines.once('close', () => resolve(''));
  });
  lines.close();
  if (answer.trim() !== word) throw new CliError('nothing was changed');
}
