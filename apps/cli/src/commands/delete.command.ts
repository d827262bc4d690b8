import { type Command, Option } from 'commander';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import type { DeleteAnswer } from '../service/answers.js';
import { ServiceError } from '../service/service-client.js';
import { askFor } from '../terminal/confirm.js';
import { note, print } from '../terminal/output.js';
import { whole } from '../terminal/progress.js';
import { addCommand, exitWith, type ServiceOptions, withService, withServiceOptions } from './command.js';

interface DeleteCommandOptions extends ServiceOptions {
  readonly scope: 'identity' | 'profile';
  readonly yes?: true;
}

export function addDeleteCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'delete <namespace> <id>',
    summary: 'delete what an identity, or its whole profile, owns',
    description:
      'Delete the records and events that an identity owns, or those of its whole profile. Identities and their links ' +
      'stay, and what comes in afterwards starts anew. It can be repeated.',
    examples: [
      ['delete CRMID 12431', 'what this identity owns'],
      ['delete Email ona@example.org --scope profile --yes', 'the whole profile, without a question'],
    ],
    statuses: '0 deleted, 1 there is nothing of it, 2 failed',
  });
  withServiceOptions(command)
    .addOption(new Option('--scope <scope>', 'how much').choices(['identity', 'profile']).default('identity'))
    .option('--yes', 'do not ask')
    .action(exitWith(runDelete));
}

async function runDelete(namespace: string, id: string, options: DeleteCommandOptions): Promise<ExitStatus> {
  const { scope, sandbox, yes } = options;
  const what = scope === 'profile' ? `the whole profile of ${namespace} ${id}` : `what ${namespace} ${id} owns`;
  if (yes === undefined) await askFor('yes', `Delete ${what} in the sandbox ${sandbox}?`, '--yes');
  const query = new URLSearchParams({ namespace, id, scope }).toString();
  try {
    const { body } = await withService(options, (client) => client.send('DELETE', `/v1/profiles/by-identity?${query}`));
    const { fragments, remainingFragments } = body as DeleteAnswer;
    print(`deleted ${whole(fragments)} fragments`);
    if (remainingFragments > 0) {
      note(`${whole(remainingFragments)} fragments of the same profile stay: --scope profile deletes them, too`);
    }
    return EXIT.done;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'PROFILE_NOT_FOUND') {
      throw new CliError(`there is nothing of ${namespace} ${id}`, { cause: error, exitStatus: EXIT.findings });
    }
    throw error;
  }
}
