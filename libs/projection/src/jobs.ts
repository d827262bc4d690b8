import { STREAM_PREFIX, type JsonObject, type Position, type SandboxId } from '#core';
import type { NewEvent, RecordedEvent } from '#event-log';

/** Sandbox part of the stream name of jobs that concern the whole service. */
export const SERVICE_JOBS = '00000000';

export const JOB_REQUESTED = 'JobRequested';
export const JOB_PROGRESSED = 'JobProgressed';
export const JOB_COMPLETED = 'JobCompleted';
export const JOB_FAILED = 'JobFailed';

/** Work of the projector. */
const PROJECTOR_JOBS = ['rebuild', 'verify', 'replay-parked'] as const;
/** Work of whoever has the file of a batch. */
const BATCH_JOBS = ['abort-batch', 'revert-batch'] as const;
/** Work of any API process, on all fragments of one dataset. */
const DATASET_JOBS = ['delete-dataset-data', 'delete-dataset', 'backfill-dataset'] as const;
/** Work of any API process, on all profiles of one sandbox. */
const SANDBOX_JOBS = ['apply-identity-settings', 'apply-merge-policy'] as const;
/** Work of any API process, on all events of one sandbox. */
const ATTRIBUTE_JOBS = ['fill-in-attribute'] as const;
const API_JOBS = [...DATASET_JOBS, ...SANDBOX_JOBS, ...ATTRIBUTE_JOBS] as const;
export const JOB_KINDS = [...PROJECTOR_JOBS, ...BATCH_JOBS, ...API_JOBS] as const;

export type ProjectorJobKind = (typeof PROJECTOR_JOBS)[number];
export type DatasetJobKind = (typeof DATASET_JOBS)[number];
export type SandboxJobKind = (typeof SANDBOX_JOBS)[number];
export type AttributeJobKind = (typeof ATTRIBUTE_JOBS)[number];
export type ApiJobKind = (typeof API_JOBS)[number];
export type JobKind = (typeof JOB_KINDS)[number];

export function isProjectorJob(kind: JobKind): kind is ProjectorJobKind {
  return (PROJECTOR_JOBS as readonly string[]).includes(kind);
}

export function isApiJob(kind: JobKind): kind is ApiJobKind {
  return (API_JOBS as readonly string[]).includes(kind);
}

/** The sandbox that a job is about: the one that was there when it was asked for, not a later one of its name. */
export interface SandboxTarget {
  readonly sandbox: SandboxId;
  readonly sandboxName: string;
  /** Head of the log when the job was asked for. */
  readonly head: Position;
}

/** The dataset that a job is about: the one that was there when it was asked for, not a later one of its name. */
export interface DatasetTarget extends SandboxTarget {
  readonly dataset: string;
  /** Of the dataset, RFC 3339. */
  readonly createdAt: string;
}

/** The computed attribute that a job is about. */
export interface AttributeTarget extends SandboxTarget {
  readonly attribute: string;
}

export interface JobProgress {
  /** In the unit of the job: events for a rebuild, documents for the comparison of a verify, fragments of a dataset. */
  readonly done: number;
  /** 0 to 1. */
  readonly ratio?: number;
  readonly remainingSeconds?: number;
  /** What it is doing now, in a word: `folding`, `comparing`. */
  readonly phase?: string;
}

export interface JobRequest {
  readonly id: string;
  readonly kind: JobKind;
  readonly projection: string;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  /** Of jobs on a sandbox, or on a dataset or a computed attribute of it. */
  readonly target?: SandboxTarget | DatasetTarget | AttributeTarget;
}

export interface Job extends JobRequest {
  readonly state: 'requested' | 'running' | 'succeeded' | 'failed';
  readonly progress?: JobProgress;
  readonly endedAt?: number;
  readonly result?: JsonObject;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A job that API processes do. */
export interface ApiJob<Kind extends ApiJobKind = ApiJobKind> extends Job {
  readonly kind: Kind;
  readonly target: Kind extends DatasetJobKind
    ? DatasetTarget
    : Kind extends AttributeJobKind
      ? AttributeTarget
      : SandboxTarget;
}

const JOB_ID = /^[a-z0-9]{8,64}$/;

export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}

/** `job_<sandbox>-<id>`. */
export function jobStream(id: string, sandbox: string = SERVICE_JOBS): string {
  return `${STREAM_PREFIX.job}${sandbox}-${id}`;
}

export type JobEvent =
  | { readonly type: typeof JOB_REQUESTED; readonly data: JobRequest }
  | { readonly type: typeof JOB_PROGRESSED; readonly data: JobProgress }
  | { readonly type: typeof JOB_COMPLETED; readonly data: { readonly at: number; readonly result: JsonObject } }
  | {
      readonly type: typeof JOB_FAILED;
      readonly data: { readonly at: number; readonly code: string; readonly message: string };
    };

export function jobEvent(eventId: string, event: JobEvent): NewEvent {
  return { id: eventId, type: event.type, data: JSON.stringify(event.data) };
}

export function decodeJobEvent(recorded: RecordedEvent): JobEvent {
  return { type: recorded.type, data: JSON.parse(recorded.data) as unknown } as JobEvent;
}

/** Folds a job's stream; `undefined` before the request. */
export function evolveJob(job: Job | undefined, event: JobEvent): Job | undefined {
  if (event.type === JOB_REQUESTED) return { ...event.data, state: 'requested' };
  if (job === undefined) return undefined;
  switch (event.type) {
    case JOB_PROGRESSED:
      return { ...job, state: 'running', progress: event.data };
    case JOB_COMPLETED:
      return { ...job, state: 'succeeded', endedAt: event.data.at, result: event.data.result };
    case JOB_FAILED: {
      const { at, code, message } = event.data;
      return { ...job, state: 'failed', endedAt: at, error: { code, message } };
    }
    default:
      // What a job wrote into its stream for others.
      return job;
  }
}
