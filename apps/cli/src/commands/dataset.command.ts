import type { Command } from 'commander';
import type { JsonObject } from '#core';
import { EXIT, type ExitStatus } from '../cli-error.js';
import type { JobStarted } from '../service/answers.js';
import { followJob } from '../service/job.js';
import { everyItem } from '../service/pages.js';
import type { ServiceClient } from '../service/service-client.js';
import { askFor } from '../terminal/confirm.js';
import { objectLines, objectTable } from '../terminal/object-table.js';
import { print } from '../terminal/output.js';
import { whole } from '../terminal/progress.js';
import { addCommand, addGroup, exitWith, type ServiceOptions, withService, withServiceOptions } from './command.js';
import { withJobProgress } from './job-progress.js';

export function addDatasetCommand(program: Command): void {
  const group = addGroup(program, 'dataset', 'list, enable, empty and delete datasets', [
    'dataset list',
    'dataset enable crm --backfill',
  ]);
  addShowing(group);
  addSwitches(group);
  addDeletes(group);
}

function addShowing(group: Command): void {
  const list = addCommand(group, {
    usage: 'list',
    summary: 'all datasets',
    description: 'List the datasets of a sandbox.',
    examples: [['dataset list --sandbox dev', '']],
  });
  withServiceOptions(list).action(
    exitWith((options: ServiceOptions) =>
      withService(options, async (client) => {
        objectTable((await everyItem(client, '/v1/datasets')) as readonly JsonObject[]).forEach(print);
        return EXIT.done;
      }),
    ),
  );
  const show = addCommand(group, {
    usage: 'show <id>',
    summary: 'one dataset and what it holds',
    description: 'Show the settings of a dataset and how much it holds.',
    examples: [['dataset show crm', '']],
  });
  withServiceOptions(show).action(
    exitWith((id: string, options: ServiceOptions) =>
      withService(options, async (client) => {
        objectLines((await client.get(pathOf(id))).body as JsonObject).forEach(print);
        return EXIT.done;
      }),
    ),
  );
}

function addSwitches(group: Command): void {
  const enable = addCommand(group, {
    usage: 'enable <id>',
    summary: 'show its new items in profiles',
    description:
      'Show new items of a dataset in profiles; its schema must be enabled. With --backfill also those that came in ' +
      'before, as if it had been enabled from the start: the command then follows the job to its end.',
    examples: [['dataset enable crm --backfill', '']],
  });
  withServiceOptions(enable)
    .option('--backfill', 'show what came in before, too')
    .action(
      exitWith((id: string, options: ServiceOptions & { readonly backfill?: true }) =>
        withService(options, async (client) => {
          const backfill = options.backfill === true;
          const { body } = await client.send('POST', `${pathOf(id)}/enable`, { backfill });
          const shown = backfill ? await fragmentsOf(client, 'backfill', body as JobStarted) : undefined;
          print(shown === undefined ? `${id} is enabled` : `${id} is enabled; ${shown} show what came in before`);
          return EXIT.done;
        }),
      ),
    );
  const disable = addCommand(group, {
    usage: 'disable <id>',
    summary: 'show no new items; the old ones stay',
    description: 'Show no new items of a dataset in profiles; what shows stays.',
    examples: [['dataset disable crm', '']],
  });
  withServiceOptions(disable).action(
    exitWith((id: string, options: ServiceOptions) =>
      withService(options, async (client) => {
        await client.send('POST', `${pathOf(id)}/disable`);
        print(`${id} is disabled`);
        return EXIT.done;
      }),
    ),
  );
}

interface DeleteOptions extends ServiceOptions {
  readonly yes?: true;
}

function addDeletes(group: Command): void {
  const deletes = [
    ['delete-data', '/data', 'delete everything that it holds now', 'everything in the dataset'],
    ['delete', '', 'delete it with everything that it holds', 'everything in the dataset, and the dataset'],
  ] as const;
  for (const [name, below, summary, what] of deletes) {
    const command = addCommand(group, {
      usage: `${name} <id>`,
      summary,
      description:
        `Delete ${what}. Identities and their links stay; ids of items are free again. The command follows the job to ` +
        'its end; the job goes on without it.',
      examples: [[`dataset ${name} crm --yes`, 'without a question']],
    });
    const run = async (id: string, options: DeleteOptions): Promise<ExitStatus> => {
      if (options.yes === undefined) {
        await askFor(id, `Delete ${what} ${id} of the sandbox ${options.sandbox}?`, '--yes');
      }
      return withService(options, async (client) => {
        const { body } = await client.send('DELETE', `${pathOf(id)}${below}`);
        print(`deleted ${await fragmentsOf(client, `deleting ${id}`, body as JobStarted)}`);
        return EXIT.done;
      });
    };
    withServiceOptions(command).option('--yes', 'do not ask').action(exitWith(run));
  }
}

/** Follows a job over fragments to its end: how many it was about. */
async function fragmentsOf(client: ServiceClient, label: string, { job }: JobStarted): Promise<string> {
  const { result } = await withJobProgress(label, (show) => followJob(client, job, show));
  return `${whole(Number(result?.['fragments'] ?? 0))} fragments`;
}

function pathOf(id: string): string {
  return `/v1/datasets/${encodeURIComponent(id)}`;
}
