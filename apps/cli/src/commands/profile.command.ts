import type { Command } from 'commander';
import { isJsonObject, type JsonObject, type JsonValue } from '#core';
import { CliError, EXIT, type ExitStatus } from '../cli-error.js';
import { type ComputedValueAnswer, type EventAnswer, listOf, type ProfileAnswer } from '../service/answers.js';
import { type ServiceClient, ServiceError } from '../service/service-client.js';
import { print, table } from '../terminal/output.js';
import { whole } from '../terminal/progress.js';
import { addCommand, exitWith, type ServiceOptions, wholeNumber, withService, withServiceOptions } from './command.js';

interface ProfileCommandOptions extends ServiceOptions {
  readonly json?: true;
  readonly events?: number;
}

export function addProfileCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'profile <namespace> <id>',
    summary: 'show the profile of an identity',
    description: 'Show the profile of an identity: attributes, identities, sources, and its newest events.',
    examples: [
      ['profile CRMID 12431', 'the profile'],
      ['profile CRMID 12431 --events 5', 'with its five newest events'],
      ['profile CRMID 12431 --json', 'as the service answers it'],
    ],
    statuses: '0 found, 1 there is no such profile, 2 failed',
  });
  withServiceOptions(command)
    .option('--json', 'print JSON')
    .option('--events <number>', 'newest events to show as well', wholeNumber(1, 1_000))
    .action(exitWith(runProfile));
}

function runProfile(namespace: string, id: string, options: ProfileCommandOptions): Promise<ExitStatus> {
  // Takes every value, `.` and `..` too.
  const identity = new URLSearchParams({ namespace, id }).toString();
  return withService(options, async (client) => {
    const profile = await profileOf(client, identity);
    if (profile === undefined) {
      throw new CliError(`there is no profile of ${namespace} ${id}`, { exitStatus: EXIT.findings });
    }
    const events = await newestEvents(client, identity, options.events);
    const lines = options.json
      ? [JSON.stringify(events ? { ...profile, newestEvents: events } : profile, undefined, 2)]
      : [...profileLines(profile), ...(events ? ['', ...eventLines(events)] : [])];
    lines.forEach(print);
    return EXIT.done;
  });
}

async function profileOf(client: ServiceClient, identity: string): Promise<ProfileAnswer | undefined> {
  try {
    return (await client.get(`/v1/profiles/by-identity?${identity}`)).body as ProfileAnswer;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'PROFILE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function newestEvents(
  client: ServiceClient,
  identity: string,
  limit: number | undefined,
): Promise<readonly EventAnswer[] | undefined> {
  if (limit === undefined) return undefined;
  const { body } = await client.get(`/v1/profiles/by-identity/events?${identity}&limit=${limit}`);
  return listOf(body) as readonly EventAnswer[];
}

/** The profile for people: one line a fact. */
export function profileLines(profile: ProfileAnswer): readonly string[] {
  const { attributes, computedAttributes, identities, sources, events, profileId, lastModifiedAt } = profile;
  return table([
    ...leaves(attributes),
    ...Object.entries(computedAttributes).map(([name, value]) => [name, computedText(value)] as const),
    ['identities', identities.map(({ namespace, id }) => `${namespace}:${id}`).join(', ')],
    ['sources', sources.join(', ')],
    ['events', whole(events.count) + (events.last === undefined ? '' : `, the last at ${events.last}`)],
    ['last modified', lastModifiedAt],
    ['profile id', profileId],
  ]);
}

function computedText({ value, at, complete }: ComputedValueAnswer): string {
  const text = typeof value === 'string' ? value : value === undefined ? '-' : JSON.stringify(value);
  return [text, at === undefined ? '' : `, ${at}`, complete ? '' : ' (not complete yet)'].join('');
}

export function eventLines(events: readonly EventAnswer[]): readonly string[] {
  if (events.length === 0) return ['no events'];
  return table(
    events.map(({ timestamp, eventType, dataset, data }) => [timestamp, eventType ?? dataset, eventText(data)]),
  );
}

/** Shown in columns of their own. */
const EVENT_COLUMNS = new Set(['timestamp', 'eventType', '_id']);

function eventText(data: JsonObject): string {
  const own = Object.entries(data).filter(([key]) => !EVENT_COLUMNS.has(key));
  return leaves(Object.fromEntries(own))
    .map(([path, text]) => `${path}=${text}`)
    .join('  ');
}

/** Every leaf with its dotted path. */
function leaves(value: JsonValue, path = ''): readonly (readonly [path: string, text: string])[] {
  if (!isJsonObject(value)) return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, path === '' ? key : `${path}.${key}`));
}
