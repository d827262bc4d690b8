import type { Service } from './service.js';

export interface EndedJob {
  readonly state: 'succeeded' | 'failed';
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Asks until the job has ended. An engine that is away meanwhile is no reason to give up. */
export async function waitForJob(service: Service, job: string, sandbox?: string): Promise<EndedJob> {
  for (;;) {
    const { status, body } = await service.fetch(`/v1/jobs/${job}`, sandbox === undefined ? {} : { sandbox });
    if (status === 200) {
      const answer = body as { readonly state: string };
      if (answer.state === 'succeeded' || answer.state === 'failed') return answer as EndedJob;
    } else if (status !== 503) throw new Error(`the job ${job}: ${status} ${JSON.stringify(body)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
