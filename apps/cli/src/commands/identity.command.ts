import type { Command } from 'commander';
import type { JsonObject } from '#core';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import { signalLines } from '../identity/signal-lines.js';
import type { IdentitySettingsAnswer, IdentitySignalsAnswer, JobStarted } from '../service/answers.js';
import { followJob, jobSeconds } from '../service/job.js';
import { ServiceError } from '../service/service-client.js';
import { print, table } from '../terminal/output.js';
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

const SETTINGS = '/v1/identity-settings';

export function addIdentityCommand(program: Command): void {
  const group = addGroup(program, 'identity', 'settings of the identity graph, blocked links, signals', [
    'identity set --unique CRMID --priority CRMID,Email,ECID',
    'identity block CRMID 7 Email info@shop.example --reason "an address of the shop"',
    'identity signals',
  ]);
  addSettings(group);
  addSet(group);
  addVerdict(group, 'block', {
    summary: 'part what a link has joined',
    description:
      'Block the link between two identities: profiles are what they would be without it. It is kept, with the reason, ' +
      'and counts again once it is unblocked.',
  });
  addVerdict(group, 'unblock', {
    summary: 'let a blocked link count again',
    description: 'Let a blocked link count again: what it joined before joins again.',
  });
  addSignals(group);
}

function addSettings(group: Command): void {
  const command = addCommand(group, {
    usage: 'settings',
    summary: 'how identities are joined',
    description: 'Show how identities of a sandbox are joined.',
    examples: [['identity settings', '']],
  });
  withServiceOptions(command).action(
    exitWith((options: ServiceOptions) =>
      withService(options, async (client) => {
        settingsLines((await client.get(SETTINGS)).body as IdentitySettingsAnswer).forEach(print);
        return EXIT.done;
      }),
    ),
  );
}

interface SetOptions extends ServiceOptions {
  readonly unique?: readonly string[];
  readonly priority?: readonly string[];
  readonly limit?: number;
  readonly blockValue?: readonly string[];
  readonly allowValue?: readonly string[];
}

function addSet(group: Command): void {
  const command = addCommand(group, {
    usage: 'set',
    summary: 'change how identities are joined',
    description:
      'Change how identities of a sandbox are joined; what no option names stays. Every profile is evaluated again: the ' +
      'command follows the job to its end.',
    examples: [
      ['identity set --unique CRMID --priority CRMID,Email', 'a person has one CRMID'],
      ['identity set --block-value test@example.org', 'nobody is identified by it any more'],
      ['identity set --unique ""', 'no namespace is unique'],
    ],
  });
  withServiceOptions(command)
    .option('--unique <codes>', 'namespaces of which a person has one identity', codes)
    .option('--priority <codes>', 'namespaces, the best first', codes)
    .option('--limit <number>', 'identities of a profile at most', wholeNumber(2, 1_000))
    .option('--block-value <value...>', 'values that identify nobody, added to those that are blocked')
    .option('--allow-value <value...>', 'values that are not blocked any more')
    .action(exitWith(runSet));
}

/** `CRMID,Email`; nothing for none. */
function codes(text: string): readonly string[] {
  return text.split(',').flatMap((code) => (code.trim() === '' ? [] : [code.trim()]));
}

async function runSet(options: SetOptions): Promise<ExitStatus> {
  return withService(options, async (client) => {
    const before = (await client.get(SETTINGS)).body as IdentitySettingsAnswer;
    const { status, body, token } = await client.send('PUT', SETTINGS, wanted(before, options));
    if (status === 200) {
      print('the settings are like this already');
      return EXIT.done;
    }
    const { job } = body as JobStarted;
    const ended = await withJobProgress('profiles', (show) => followJob(client, job, show));
    settingsLines((await client.get(SETTINGS, token)).body as IdentitySettingsAnswer).forEach(print);
    print(`all profiles follow them, after ${jobSeconds(ended).toFixed(1)} s`);
    return EXIT.done;
  });
}

function wanted(before: IdentitySettingsAnswer, options: SetOptions): JsonObject {
  const { unique, priority, limit, blockValue = [], allowValue = [] } = options;
  const allowed = new Set(allowValue.map(comparable));
  const blockedValues = [...before.blockedValues, ...blockValue].filter((value) => !allowed.has(comparable(value)));
  return {
    unique: unique ?? before.unique,
    priority: priority ?? before.priority,
    maxIdentities: limit ?? before.maxIdentities,
    blockedValues: [...new Set(blockedValues)],
  };
}

/** As the service compares blocked values. */
function comparable(value: string): string {
  return value.normalize('NFC').trim().toLowerCase();
}

function settingsLines(settings: IdentitySettingsAnswer): readonly string[] {
  const { unique, priority, maxIdentities, blockedValues, version, updatedAt } = settings;
  return table([
    ['unique namespaces', listed(unique)],
    ['priority', listed(priority)],
    ['identities at most', String(maxIdentities)],
    ['blocked values', listed(blockedValues)],
    ['version', `${version}${updatedAt === undefined ? '' : `, since ${updatedAt}`}`],
  ]);
}

function listed(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.join(', ');
}

interface VerdictOptions extends ServiceOptions {
  readonly reason: string;
  readonly by?: string;
}

function addVerdict(
  group: Command,
  verdict: 'block' | 'unblock',
  text: { readonly summary: string; readonly description: string },
): void {
  const command = addCommand(group, {
    ...text,
    usage: `${verdict} <namespace> <id> <other-namespace> <other-id>`,
    examples: [[`identity ${verdict} CRMID 7 Email info@shop.example --reason "an address of the shop"`, '']],
    statuses:
      verdict === 'block' ? '0 blocked, 1 nothing links these two, 2 failed' : '0 done, 1 it was not blocked, 2 failed',
  });
  withServiceOptions(command)
    .requiredOption('--reason <text>', 'why; kept with the link')
    .option('--by <who>', 'who says so; kept with the link')
    .action(
      exitWith((namespace: string, id: string, otherNamespace: string, otherId: string, options: VerdictOptions) => {
        const [a, b] = [
          { namespace, id },
          { namespace: otherNamespace, id: otherId },
        ];
        return judge(verdict, a, b, options);
      }),
    );
}

async function judge(
  verdict: 'block' | 'unblock',
  a: Identity,
  b: Identity,
  { reason, by, ...options }: VerdictOptions,
): Promise<ExitStatus> {
  return withService(options, async (client) => {
    try {
      const asked = { a: { ...a }, b: { ...b }, reason, ...(by !== undefined && { by }) };
      const { body } = await client.send('POST', `/v1/identity-links/${verdict}`, asked);
      const judged = body as { readonly a: Identity; readonly b: Identity };
      print(`${nameOf(judged.a)} - ${nameOf(judged.b)} ${verdict === 'block' ? 'is blocked' : 'counts again'}`);
      return EXIT.done;
    } catch (error) {
      if (!(error instanceof ServiceError) || !FINDINGS.has(error.code)) throw error;
      const message = error.code === 'LINK_NOT_FOUND' ? 'nothing links' : 'there is no blocked link between';
      throw new CliError(`${message} ${nameOf(a)} and ${nameOf(b)}`, { cause: error, exitStatus: EXIT.findings });
    }
  });
}

const FINDINGS = new Set(['LINK_NOT_FOUND', 'LINK_NOT_BLOCKED']);

interface Identity {
  readonly namespace: string;
  readonly id: string;
}

function nameOf({ namespace, id }: Identity): string {
  return `${namespace}:${id}`;
}

function addSignals(group: Command): void {
  const command = addCommand(group, {
    usage: 'signals',
    summary: 'what may be gluing people together',
    description:
      'Show what may be gluing people together: profiles near the limit of identities, identities with unusually many ' +
      'links, and values that were refused since the service has started.',
    examples: [
      ['identity signals', ''],
      ['identity signals --limit 100 --json', 'as the service answers it'],
    ],
  });
  withServiceOptions(command)
    .option('--limit <number>', 'entries of each list', wholeNumber(1, 100), 10)
    .option('--json', 'print JSON')
    .action(
      exitWith((options: ServiceOptions & { readonly limit: number; readonly json?: true }) =>
        withService(options, async (client) => {
          const { body } = await client.get(`/v1/identity-signals?limit=${options.limit}`);
          const lines = options.json
            ? [JSON.stringify(body, undefined, 2)]
            : signalLines(body as IdentitySignalsAnswer);
          lines.forEach(print);
          return EXIT.done;
        }),
      ),
    );
}
