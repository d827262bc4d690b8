import type { Command } from 'commander';
import { isJsonObject, type JsonObject } from '#core';
import { EXIT, type ExitStatus } from '../cli-error.js';
import { listOf } from '../service/answers.js';
import { ServiceClient, ServiceError } from '../service/service-client.js';
import { print, table } from '../terminal/output.js';
import { addCommand, addressOf, exitWith, type ServiceOptions, withServiceOptions } from './command.js';

export function addStatusCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'status',
    summary: 'is the service ready, where are its projections',
    description: 'Show whether the service is ready, where its projections are, and what the datasets hold.',
    examples: [['status', '']],
    statuses: '0 ready, 1 not ready, 2 failed',
  });
  withServiceOptions(command).action(exitWith(runStatus));
}

async function runStatus(options: ServiceOptions): Promise<ExitStatus> {
  const client = new ServiceClient(addressOf(options));
  try {
    const notReady = await readiness(client);
    print(notReady === undefined ? `${options.url} is ready` : `${options.url} is not ready: ${notReady}`);
    for (const path of ['/v1/projections', '/v1/datasets']) {
      const items = listOf((await client.get(path)).body) as readonly JsonObject[];
      if (items.length > 0) ['', ...objectTable(items)].forEach(print);
    }
    return notReady === undefined ? EXIT.done : EXIT.findings;
  } finally {
    client.close();
  }
}

/** Why the service is not ready; `undefined` when it is. */
async function readiness(client: ServiceClient): Promise<string | undefined> {
  try {
    await client.get('/health/ready');
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError && error.status === 503) return error.message;
    throw error;
  }
}

/** A column per member of any of the objects; inner objects are spread over columns of their own. */
function objectTable(objects: readonly JsonObject[]): readonly string[] {
  const rows = objects.map(flat);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return table([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]);
}

function flat(object: JsonObject): Record<string, string> {
  const cells = Object.entries(object).flatMap(([key, value]): (readonly [string, string])[] => {
    if (isJsonObject(value)) return Object.entries(flat(value)).map(([inner, text]) => [`${key}.${inner}`, text]);
    return [[key, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  return Object.fromEntries(cells);
}
