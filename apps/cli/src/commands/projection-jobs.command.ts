import type { Command } from 'commander';
import type { JsonObject } from '#core';
import { EXIT, type ExitStatus } from '../cli-error.js';
import type { JobAnswer, VerifyResult } from '../service/answers.js';
import { jobSeconds, runJob } from '../service/job.js';
import { note, print } from '../terminal/output.js';
import { whole } from '../terminal/progress.js';
import { addCommand, exitWith, type ServiceOptions, withService, withServiceOptions } from './command.js';
import { withJobProgress } from './job-progress.js';

export function addRebuildCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'rebuild [projection]',
    summary: 'fold the log anew, then switch over',
    description:
      'Fold the log anew into a new version beside the live one, then switch readers over. The service keeps ' +
      'answering; the version before stays for rollback. Without a name: profile.',
    examples: [['rebuild', 'the profiles and everything that belongs to them']],
  });
  withServiceOptions(command).action(
    exitWith(async (projection: string | undefined, options: ServiceOptions) => {
      const job = await follow('rebuild', projection, options);
      print(`rebuilt in ${jobSeconds(job).toFixed(1)} s: ${resultText(job.result ?? {})}`);
      return EXIT.done;
    }),
  );
}

export function addVerifyCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'verify [projection]',
    summary: 'compare what is live with the log',
    description:
      'Fold the log anew and compare with what is live, document by document. Prints the differences. ' +
      'Without a name: profile.',
    examples: [['verify', 'is every profile what the log says?']],
    statuses: '0 all equal, 1 there are differences, 2 failed',
  });
  withServiceOptions(command).action(
    exitWith(async (projection: string | undefined, options: ServiceOptions): Promise<ExitStatus> => {
      const { result } = await follow('verify', projection, options);
      const { compared, differenceCount, differences } = result as unknown as VerifyResult;
      differences.flatMap(differenceLines).forEach(print);
      if (differenceCount > differences.length) print(`and ${whole(differenceCount - differences.length)} more`);
      note(`${whole(compared)} documents compared, ${whole(differenceCount)} differ`);
      return differenceCount > 0 ? EXIT.findings : EXIT.done;
    }),
  );
}

function follow(kind: 'rebuild' | 'verify', projection = 'profile', options: ServiceOptions): Promise<JobAnswer> {
  return withService(options, (client) =>
    withJobProgress(`${kind} ${projection}`, (show) =>
      runJob(client, `/v1/projections/${encodeURIComponent(projection)}/${kind}`, show),
    ),
  );
}

function differenceLines({
  collection,
  key,
  kind,
  live,
  fresh,
}: VerifyResult['differences'][number]): readonly string[] {
  return [
    `${kind}: ${collection} ${key}`,
    ...(live === undefined ? [] : [`  live   ${JSON.stringify(live)}`]),
    ...(fresh === undefined ? [] : [`  fresh  ${JSON.stringify(fresh)}`]),
  ];
}

/** The members of the result, which are the service's to choose. */
function resultText(result: JsonObject): string {
  return Object.entries(result)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? whole(value) : JSON.stringify(value)}`)
    .join(', ');
}
