import type { Command } from 'commander';
import type { JsonObject } from '#core';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import { everyItem } from '../service/pages.js';
import { askFor } from '../terminal/confirm.js';
import { objectTable } from '../terminal/object-table.js';
import { print } from '../terminal/output.js';
import { addCommand, addGroup, exitWith, type ServiceOptions, withService, withServiceOptions } from './command.js';

export function addSandboxCommand(program: Command): void {
  const group = addGroup(program, 'sandbox', 'list, create and empty sandboxes', [
    'sandbox create dev --title Development',
    'sandbox reset dev',
  ]);
  const list = addCommand(group, {
    usage: 'list',
    summary: 'all sandboxes',
    description: 'List the sandboxes.',
    examples: [['sandbox list', '']],
  });
  withServiceOptions(list).action(
    exitWith((options: ServiceOptions) =>
      withService(options, async (client) => {
        objectTable((await everyItem(client, '/v1/sandboxes')) as readonly JsonObject[]).forEach(print);
        return EXIT.done;
      }),
    ),
  );
  const create = addCommand(group, {
    usage: 'create <name>',
    summary: 'create one, or change its title',
    description: 'Create a sandbox, or change the title of one that is there.',
    examples: [['sandbox create dev --title Development', '']],
  });
  withServiceOptions(create)
    .option('--title <title>', 'what it is for (default: its name)')
    .action(
      exitWith((name: string, options: ServiceOptions & { readonly title?: string }) =>
        withService(options, async (client) => {
          const { status } = await client.send('PUT', pathOf(name), { title: options.title ?? name });
          print(status === 201 ? `${name} is created` : `${name} was there`);
          return EXIT.done;
        }),
      ),
    );
  addReset(group);
}

interface ResetOptions extends ServiceOptions {
  readonly confirm?: string;
}

function addReset(group: Command): void {
  const command = addCommand(group, {
    usage: 'reset <name>',
    summary: 'empty one: its catalog, its items, its profiles',
    description: 'Empty a sandbox: its catalog, its items and its profiles are gone at once. There is no way back.',
    examples: [['sandbox reset dev --confirm dev', 'without a question']],
  });
  withServiceOptions(command)
    .option('--confirm <name>', 'its name once more, instead of a question')
    .action(exitWith(runReset));
}

async function runReset(name: string, { confirm, ...service }: ResetOptions): Promise<ExitStatus> {
  if (confirm === undefined) {
    await askFor(name, `Everything in the sandbox ${name} goes, for ever.`, `--confirm ${name}`);
  } else if (confirm !== name) {
    throw new CliError(`--confirm says ${confirm}, not ${name}: nothing was changed`);
  }
  return withService(service, async (client) => {
    await client.send('POST', `${pathOf(name)}/reset`, { confirm: name });
    print(`${name} is empty`);
    return EXIT.done;
  });
}

function pathOf(name: string): string {
  return `/v1/sandboxes/${encodeURIComponent(name)}`;
}
