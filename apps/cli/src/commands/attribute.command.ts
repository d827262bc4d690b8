import { type Command, Argument } from 'commander';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import { listOf } from '../service/answers.js';
import { followJob } from '../service/job.js';
import { ServiceClient } from '../service/service-client.js';
import { print, table } from '../terminal/output.js';
import { addCommand, addressOf, exitWith, type ServiceOptions, withServiceOptions } from './command.js';

const ACTIONS = ['list', 'define', 'publish', 'disable'] as const;
type Action = (typeof ACTIONS)[number];

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
  const command = addCommand(program, {
    usage: 'attribute',
    summary: 'list, define, publish or disable computed attributes',
    description:
      'Computed attributes: list them, define one by an expression, publish it (which waits until what happened before ' +
      'is filled in) or disable it.',
    examples: [
      ['attribute list', 'all of them'],
      ["attribute define spend 'xEvent.sum(priceTotal)'", 'a draft'],
      ['attribute publish spend', 'profiles show it from now on'],
    ],
  })
    .addArgument(new Argument('<action>', 'what to do').choices(ACTIONS))
    .argument('[name]', 'of the attribute')
    .argument('[expression]', 'what it is');
  withServiceOptions(command).action(exitWith(runAttribute));
}

async function runAttribute(
  action: Action,
  name: string | undefined,
  expression: string | undefined,
  options: ServiceOptions,
): Promise<ExitStatus> {
  const client = new ServiceClient(addressOf(options));
  try {
    if (action === 'list') {
      const attributes = listOf((await client.get(`${PATH}?limit=1000`)).body) as readonly AttributeAnswer[];
      (attributes.length === 0 ? ['no attributes'] : table(attributes.map(line))).forEach(print);
      return EXIT.done;
    }
    if (name === undefined) throw new CliError(`say which attribute to ${action}`);
    const path = `${PATH}/${encodeURIComponent(name)}`;
    if (action === 'define') {
      if (expression === undefined) throw new CliError('say what the attribute is: an expression');
      await client.send('PUT', path, { expression });
    } else {
      const { body } = await client.send('POST', `${path}/${action}`, {});
      const { job } = body as AttributeAnswer;
      if (action === 'publish' && job !== undefined) await followJob(client, job, () => undefined);
    }
    table([line((await client.get(path)).body as AttributeAnswer)]).forEach(print);
    return EXIT.done;
  } finally {
    client.close();
  }
}

function line({ name, status, title, expression, aggregate, path }: AttributeAnswer): readonly string[] {
  return [name, status, expression ?? [aggregate, path].filter((word) => word !== undefined).join(' '), title ?? ''];
}
