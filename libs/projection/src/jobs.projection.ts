import type { CollectionSpec } from '#read-store';

import {
  decodeJobEvent,
  evolveJob,
  isApiJob,
  isProjectorJob,
  JOB_COMPLETED,
  JOB_FAILED,
  JOB_PROGRESSED,
  JOB_REQUESTED,
} from './jobs.js';
import type { Job, JobEvent } from './jobs.js';
import { defineProjection, type Entry } from './projection.js';
import type { Session } from './session.js';

export const JOBS_PROJECTION = 'jobs';

/** Values of the column `open` until a job has ended: by whom it is to be done. 0 afterwards, and of those of batches. */
export const OPEN_TO_PROJECTOR = 1;
export const OPEN_TO_API = 2;

/** One document per job. */
export const JOBS = {
  name: 'jobs',
  key: 'text',
  columns: { open: 'int' },
  indexes: [{ name: 'by_open', columns: ['open'] }],
} as const satisfies CollectionSpec;

interface DecodedJobEvent {
  readonly id: string;
  readonly event: JobEvent;
}

const TYPES: readonly string[] = [JOB_REQUESTED, JOB_PROGRESSED, JOB_COMPLETED, JOB_FAILED];

/** The job queue: what was asked for and is not finished, also after a restart. */
export const jobsProjection = defineProjection<DecodedJobEvent, undefined>({
  name: JOBS_PROJECTION,
  version: 1,
  prefixes: ['job_'],
  collections: [{ spec: JOBS, codec: 'json', cache: 100 }],
  decode: (recorded) =>
    TYPES.includes(recorded.type)
      ? { id: recorded.stream.slice(recorded.stream.indexOf('-') + 1), event: decodeJobEvent(recorded) }
      : undefined,
  beginPage: () => undefined,
  perStream: {
    load: (entries, session) => session.load(JOBS.name, new Set(entries.map(({ value }) => value.id))),
    apply: applyJobEvent,
  },
  perPage: [],
});

function applyJobEvent({ value: { id, event } }: Entry<DecodedJobEvent>, session: Session): void {
  const job = evolveJob(session.get<Job>(JOBS.name, id)?.value, event);
  if (job === undefined) return;
  session.put(JOBS.name, id, { open: openTo(job) }, job);
}

function openTo({ endedAt, kind }: Job): number {
  if (endedAt !== undefined) return 0;
  if (isProjectorJob(kind)) return OPEN_TO_PROJECTOR;
  return isApiJob(kind) ? OPEN_TO_API : 0;
}
