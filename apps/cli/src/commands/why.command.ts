import type { Command } from 'commander';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import type { ClusterAnswer, LineageAnswer } from '../service/answers.js';
import { ServiceClient, ServiceError } from '../service/service-client.js';
import { print } from '../terminal/output.js';
import { clusterLines, lineageLines } from '../why/explanation.js';
import { addCommand, addressOf, exitWith, type ServiceOptions, withServiceOptions } from './command.js';

/** Links to read; a cluster at the usual limit of identities has seldom more, and nobody reads more. */
const LINKS = 500;

interface WhyCommandOptions extends ServiceOptions {
  readonly json?: true;
  readonly policy?: string;
}

export function addWhyCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'why <namespace> <id> [path]',
    summary: 'explain the profile of an identity',
    description:
      'Explain the profile of an identity: which links join its identities and which do not, and of each attribute ' +
      'where it comes from, by which rule, and which values lost against it.',
    examples: [
      ['why CRMID 12431', 'the links, and every attribute'],
      ['why CRMID 12431 name.first', 'the links, and what is at this path'],
      ['why CRMID 12431 --policy mine', 'under another merge policy than the default one'],
    ],
    statuses: '0 explained, 1 there is no such profile, or nothing at the path, 2 failed',
  });
  withServiceOptions(command)
    .option('--policy <id>', 'merge policy; the default one by default')
    .option('--json', 'print JSON')
    .action(exitWith(runWhy));
}

async function runWhy(
  namespace: string,
  id: string,
  path: string | undefined,
  options: WhyCommandOptions,
): Promise<ExitStatus> {
  const client = new ServiceClient(addressOf(options));
  const identity = { namespace, id };
  try {
    const cluster = await read<ClusterAnswer>(client, 'identities', { ...identity, limit: String(LINKS) });
    if (cluster === undefined) throw unknown(`${namespace} ${id} is not known`);
    const wanted = { ...identity, mergePolicy: options.policy ?? '', fields: path ?? '' };
    const lineage = await read<LineageAnswer>(client, 'lineage', wanted);
    const lines = options.json
      ? [JSON.stringify({ ...cluster, lineage }, undefined, 2)]
      : [...clusterLines(cluster), '', ...(lineage === undefined ? [] : lineageLines(lineage))];
    lines.forEach(print);
    if (lineage === undefined) throw unknown(`${namespace} ${id} has no profile: nothing of it shows`);
    if (path !== undefined && lineage.leaves.length === 0) throw unknown(`there is nothing at ${path}`);
    return EXIT.done;
  } finally {
    client.close();
  }
}

/** `undefined` when there is no such profile. */
async function read<Answer>(
  client: ServiceClient,
  what: 'identities' | 'lineage',
  query: Readonly<Record<string, string>>,
): Promise<Answer | undefined> {
  try {
    return (await client.get(`/v1/profiles/by-identity/${what}?${new URLSearchParams(query).toString()}`))
      .body as Answer;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'PROFILE_NOT_FOUND') return undefined;
    throw error;
  }
}

function unknown(message: string): CliError {
  return new CliError(message, { exitStatus: EXIT.findings });
}
