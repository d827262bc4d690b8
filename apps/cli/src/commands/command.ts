import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitStatus } from '../cli-error.js';
import { type ServiceAddress, ServiceClient } from '../service/service-client.js';

/** Where `serve` listens when nobody says otherwise. */
const DEFAULT_URL = 'http://127.0.0.1:7400';

export interface CommandText {
  /** `load <file>`, as commander reads it. */
  readonly usage: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  readonly description: string;
  /** Command lines without `tessera`, each with what it does. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** What the statuses mean here, where it is more than done or failed. */
  readonly statuses?: string;
}

/** Adds a command that only has commands of its own; called alone it shows them. */
export function addGroup(program: Command, name: string, summary: string, lines: readonly string[]): Command {
  return program
    .command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}.`)
    .addHelpText(
      'after',
      ['\nExamples:', ...lines.map((line) => `  $ tessera ${line}`), '\nExit status: 0 done, 2 failed'].join('\n'),
    );
}

/** Adds a command with its help; it inherits the settings of the program. */
export function addCommand(
  program: Command,
  { usage, summary, description, examples, statuses }: CommandText,
): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, meaning]) => `  $ tessera ${line.padEnd(width)}   ${meaning}`.trimEnd());
  const help = [
    `\nExample${examples.length > 1 ? 's' : ''}:`,
    ...lines,
    `\nExit status: ${statuses ?? '0 done, 2 failed'}`,
  ].join('\n');
  return program
    .command(usage)
    .summary(summary)
    .description(description)
    .option('--debug', 'show where an error comes from')
    .addHelpText('after', help);
}

export interface ServiceOptions {
  readonly url: string;
  readonly sandbox: string;
  readonly apiKey?: string;
}

/** Adds the options of a command that speaks with a running service. */
export function withServiceOptions(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'address of the service').env('TESSERA_URL').default(DEFAULT_URL))
    .addOption(new Option('--sandbox <name>', 'sandbox to work in').env('TESSERA_SANDBOX').default('prod'))
    .addOption(new Option('--api-key <key>', 'key of the service, when it has one').env('TESSERA_API_KEY'));
}

export function addressOf({ url, sandbox, apiKey }: ServiceOptions): ServiceAddress {
  return { url, sandbox, ...(apiKey !== undefined && { apiKey }) };
}

/** Speaks with the service for as long as `work` runs. */
export async function withService<T>(options: ServiceOptions, work: (client: ServiceClient) => Promise<T>): Promise<T> {
  const client = new ServiceClient(addressOf(options));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** Parses an option that is a whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Runs a command's work and leaves its status for the end of the process. */
export function exitWith<A extends readonly unknown[]>(
  work: (...args: A) => Promise<ExitStatus>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    process.exitCode = await work(...args);
  };
}
