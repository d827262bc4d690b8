import { CliError } from '../cli-error.js';
import type { JobAnswer, JobStarted } from './answers.js';
import { realWaiting, untilTaken } from './backoff.js';
import { problemOf, type ServiceClient } from './service-client.js';

/** Jobs tell of their progress about once a second; a quarter of that shows it fresh and costs nothing. */
const POLL_EVERY_MS = 250;
/** A restart of the service is no end of a job: it goes on afterwards. */
const PATIENCE_MS = 60_000;

/** Starts a job and follows it to its end. Throws a `CliError` when it fails. */
export async function runJob(
  client: ServiceClient,
  path: string,
  onProgress: (job: JobAnswer) => void,
): Promise<JobAnswer> {
  const { job } = (await client.send('POST', path)).body as JobStarted;
  return followJob(client, job, onProgress);
}

/** Follows a job to its end. Throws a `CliError` when it fails. */
export async function followJob(
  client: ServiceClient,
  id: string,
  onProgress: (job: JobAnswer) => void,
): Promise<JobAnswer> {
  for (;;) {
    const job = await jobAnswer(client, id);
    onProgress(job);
    if (job.state === 'succeeded') return job;
    if (job.state === 'failed') {
      throw new CliError(`job ${id} failed: ${job.error?.code ?? ''} ${job.error?.message ?? ''}`.trimEnd());
    }
    await realWaiting.sleep(POLL_EVERY_MS);
  }
}

/** How long a finished job took from its request to its end, by the clock of the service. */
export function jobSeconds({ requestedAt, endedAt }: JobAnswer): number {
  return (Date.parse(endedAt ?? requestedAt) - Date.parse(requestedAt)) / 1000;
}

async function jobAnswer(client: ServiceClient, id: string): Promise<JobAnswer> {
  const where = { method: 'GET', path: `/v1/jobs/${encodeURIComponent(id)}` };
  const answer = await untilTaken(() => client.call({ ...where, headers: {} }), where, {
    waiting: realWaiting,
    patienceMs: PATIENCE_MS,
    onRetry: () => undefined,
  });
  if (answer.status !== 200) throw problemOf(answer, where);
  return JSON.parse(answer.text) as JobAnswer;
}
