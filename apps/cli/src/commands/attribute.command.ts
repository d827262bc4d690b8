import type { Command } from 'commander';
import { EXIT, type ExitStatus } from '../cli-error.js';
import { followJob } from '../service/job.js';
import { everyItem } from '../service/pages.js';
import type { ServiceClient } from '../service/service-client.js';
import { print, table } from '../terminal/output.js';
import { addCommand, addGroup, exitWith, type ServiceOptions, withService, withServiceOptions } from './command.js';

interface AttributeAnswer {
  readonly name: string;
  readonly status: string;
  readonly title?: string;
  readonly expression?: string;
  readonly aggregate: string;
  readonly path?: string;
  readonly job?: string;
}

const PATH = '/v1/computed-attributes';

export function addAttributeCommand(program: Command): void {
  const group = addGroup(program, 'attribute', 'list, define, publish and disable computed attributes', [
    "attribute define spend 'xEvent.sum(priceTotal)'",
    'attribute publish spend',
  ]);
  const list = addCommand(group, {
    usage: 'list',
    summary: 'all computed attributes',
    description: 'List the computed attributes.',
    examples: [['attribute list', '']],
  });
  withServiceOptions(list).action(
    exitWith((options: ServiceOptions) =>
      withService(options, async (client) => {
        const attributes = (await everyItem(client, PATH)) as readonly AttributeAnswer[];
        (attributes.length === 0 ? ['no attributes'] : table(attributes.map(line))).forEach(print);
        return EXIT.done;
      }),
    ),
  );
  addDefine(group);
  addPublish(group);
  const disable = addCommand(group, {
    usage: 'disable <name>',
    summary: 'compute one no more, for good',
    description: 'Disable a published attribute: profiles show it no more.',
    examples: [['attribute disable spend', '']],
  });
  withServiceOptions(disable).action(
    exitWith((name: string, options: ServiceOptions) =>
      withService(options, async (client) => {
        await client.send('POST', `${pathOf(name)}/disable`, {});
        return show(client, name);
      }),
    ),
  );
}

function addDefine(group: Command): void {
  const command = addCommand(group, {
    usage: 'define <name> <expression>',
    summary: 'a draft of one',
    description: 'Define an attribute by an expression, or change its draft.',
    examples: [["attribute define spend 'xEvent.sum(priceTotal)'", 'what somebody has spent, all in all']],
  });
  withServiceOptions(command)
    .option('--title <title>', 'what people call it')
    .action(
      exitWith(
        (name: string, expression: string, { title, ...options }: ServiceOptions & { readonly title?: string }) =>
          withService(options, async (client) => {
            await client.send('PUT', pathOf(name), { expression, ...(title !== undefined && { title }) });
            return show(client, name);
          }),
      ),
    );
}

function addPublish(group: Command): void {
  const command = addCommand(group, {
    usage: 'publish <name>',
    summary: 'compute one from now on, and fill in what happened before',
    description: 'Publish an attribute, and wait until what happened before is filled in.',
    examples: [['attribute publish spend', '']],
  });
  withServiceOptions(command).action(
    exitWith((name: string, options: ServiceOptions) =>
      withService(options, async (client) => {
        const { job } = (await client.send('POST', `${pathOf(name)}/publish`, {})).body as AttributeAnswer;
        if (job !== undefined) await followJob(client, job, () => undefined);
        return show(client, name);
      }),
    ),
  );
}

async function show(client: ServiceClient, name: string): Promise<ExitStatus> {
  table([line((await client.get(pathOf(name))).body as AttributeAnswer)]).forEach(print);
  return EXIT.done;
}

function line({ name, status, title, expression, aggregate, path }: AttributeAnswer): readonly string[] {
  return [name, status, expression ?? [aggregate, path].filter((word) => word !== undefined).join(' '), title ?? ''];
}

function pathOf(name: string): string {
  return `${PATH}/${encodeURIComponent(name)}`;
}
