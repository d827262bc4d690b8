import type { Command } from 'commander';
import type { JsonObject } from '#core';
import { EXIT, type ExitStatus } from '../cli-error.js';
import { listOf } from '../service/answers.js';
import { type ServiceClient, ServiceError } from '../service/service-client.js';
import { print } from '../terminal/output.js';
import { objectTable } from '../terminal/object-table.js';
import { addCommand, exitWith, type ServiceOptions, withService, withServiceOptions } from './command.js';

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

function runStatus(options: ServiceOptions): Promise<ExitStatus> {
  return withService(options, async (client) => {
    const notReady = await readiness(client);
    print(notReady === undefined ? `${options.url} is ready` : `${options.url} is not ready: ${notReady}`);
    for (const path of ['/v1/projections', '/v1/datasets']) {
      const items = listOf((await client.get(path)).body) as readonly JsonObject[];
      if (items.length > 0) ['', ...objectTable(items)].forEach(print);
    }
    return notReady === undefined ? EXIT.done : EXIT.findings;
  });
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
