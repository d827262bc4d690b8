import type { Command } from 'commander';
import type { JsonObject } from '#core';
import { EXIT, type ExitStatus } from '../cli-error.js';
import type { BatchAnswer, JobStarted, RejectedRowAnswer } from '../service/answers.js';
import { listOf } from '../service/answers.js';
import { followJob } from '../service/job.js';
import type { ServiceClient } from '../service/service-client.js';
import { askFor } from '../terminal/confirm.js';
import { objectLines, objectTable } from '../terminal/object-table.js';
import { print } from '../terminal/output.js';
import { whole } from '../terminal/progress.js';
import {
  addCommand,
  addGroup,
  exitWith,
  type ServiceOptions,
  wholeNumber,
  withService,
  withServiceOptions,
} from './command.js';
import { withJobProgress } from './job-progress.js';

export function addBatchCommand(program: Command): void {
  const group = addGroup(program, 'batch', 'look at files that were loaded, abort and revert them', [
    'batch list --dataset orders',
    'batch show 0d9c6f0e3b7d4c0f9b8a7c6d5e4f3a2b --refused 20',
  ]);
  addList(group);
  addShow(group);
  addAbort(group);
  addRevert(group);
}

interface ListOptions extends ServiceOptions {
  readonly dataset?: string;
  readonly status?: string;
  readonly limit: number;
}

function addList(group: Command): void {
  const command = addCommand(group, {
    usage: 'list',
    summary: 'batches, newest first',
    description: 'List the batches of a sandbox, newest first.',
    examples: [['batch list --dataset crm --status failed', 'those of one dataset that failed']],
  });
  withServiceOptions(command)
    .option('--dataset <id>', 'only of this dataset')
    .option('--status <status>', 'only in this status: received, validating, processing, success, failed, ...')
    .option('--limit <number>', 'how many', wholeNumber(1, 1_000), 20)
    .action(exitWith(runList));
}

function runList({ dataset, status, limit, ...service }: ListOptions): Promise<ExitStatus> {
  const query = { limit: String(limit), ...(dataset && { dataset }), ...(status && { status }) };
  return withService(service, async (client) => {
    const { body } = await client.get(`/v1/batches?${new URLSearchParams(query).toString()}`);
    objectTable((listOf(body) as readonly BatchAnswer[]).map(rowOf)).forEach(print);
    return EXIT.done;
  });
}

/** What fits into a line. */
function rowOf({ id, dataset, status, rows, startedAt }: BatchAnswer): JsonObject {
  return { id, dataset, status, startedAt, rows };
}

interface ShowOptions extends ServiceOptions {
  readonly refused?: number;
}

function addShow(group: Command): void {
  const command = addCommand(group, {
    usage: 'show <id>',
    summary: 'one batch, and its refused rows',
    description: 'Show what became of a batch, and with --refused the first of its refused rows with their reasons.',
    examples: [['batch show 0d9c6f0e3b7d4c0f9b8a7c6d5e4f3a2b --refused 20', '']],
  });
  withServiceOptions(command)
    .option('--refused <number>', 'refused rows to show as well', wholeNumber(1, 1_000))
    .action(exitWith(runShow));
}

function runShow(id: string, { refused, ...service }: ShowOptions): Promise<ExitStatus> {
  return withService(service, async (client) => {
    objectLines((await client.get(pathOf(id))).body as JsonObject).forEach(print);
    if (refused === undefined) return EXIT.done;
    const { body } = await client.get(`${pathOf(id)}/rejected?limit=${refused}`);
    for (const { line, code, errors } of listOf(body) as readonly RejectedRowAnswer[]) {
      const reasons = errors.map(({ path, message }) => [path, message].filter(Boolean).join(': '));
      print(`line ${line}: ${code} ${reasons.join('; ')}`.trimEnd());
    }
    return EXIT.done;
  });
}

function addAbort(group: Command): void {
  const command = addCommand(group, {
    usage: 'abort <id>',
    summary: 'end one that appends nothing yet',
    description: 'End a batch that waits or is being validated: nothing of it was loaded, nothing will be.',
    examples: [['batch abort 0d9c6f0e3b7d4c0f9b8a7c6d5e4f3a2b', '']],
  });
  withServiceOptions(command).action(
    exitWith((id: string, options: ServiceOptions) =>
      withService(options, async (client) => {
        await client.send('POST', `${pathOf(id)}/abort`);
        print(`${id} is aborted`);
        return EXIT.done;
      }),
    ),
  );
}

interface RevertOptions extends ServiceOptions {
  readonly yes?: true;
}

function addRevert(group: Command): void {
  const command = addCommand(group, {
    usage: 'revert <id>',
    summary: 'take its events out of the profiles again',
    description:
      'Take the events of a successful batch out of the profiles again, with the links that they made. A batch of ' +
      'records stays: records overwrite what was there. The command follows the job to its end; the job goes on ' +
      'without it.',
    examples: [['batch revert 0d9c6f0e3b7d4c0f9b8a7c6d5e4f3a2b --yes', 'without a question']],
  });
  withServiceOptions(command).option('--yes', 'do not ask').action(exitWith(runRevert));
}

function runRevert(id: string, { yes, ...service }: RevertOptions): Promise<ExitStatus> {
  return withService(service, async (client) => {
    if (yes === undefined) await askFor('yes', await questionOf(client, id), '--yes');
    const { job } = (await client.send('POST', `${pathOf(id)}/revert`)).body as JobStarted;
    const { result } = await withJobProgress('reverting', (show) => followJob(client, job, show));
    print(`reverted: ${whole(Number(result?.['fragments'] ?? 0))} fragments had events of it`);
    return EXIT.done;
  });
}

async function questionOf(client: ServiceClient, id: string): Promise<string> {
  const { dataset, rows } = (await client.get(pathOf(id))).body as BatchAnswer;
  return `Take ${whole(rows.accepted)} events of ${dataset} out of the profiles?`;
}

function pathOf(id: string): string {
  return `/v1/batches/${encodeURIComponent(id)}`;
}
