import { parentPort, workerData } from 'node:worker_threads';
import { type BenchClient, benchClient } from './client.js';
import { openLoop, realClock } from './open-loop.js';
import type { ReadyRequest } from './requests.js';

/** As fast as `connections` take it, each waiting for its answer: how much the service takes. */
export interface FloodTask {
  readonly mode: 'flood';
  readonly connections: number;
}

/** Requests at fixed times, and after each answer a read of one of its profiles with the token: what one waits for. */
export interface SteadyTask {
  readonly mode: 'steady';
  readonly requestsPerSecond: number;
}

export interface IngestTask {
  readonly url: string;
  readonly sandbox: string;
  readonly requests: readonly ReadyRequest[];
  readonly how: FloodTask | SteadyTask;
}

export interface IngestResult {
  readonly items: number;
  readonly bytes: number;
  /** From the first byte sent to the last answer. */
  readonly acknowledgedMs: number;
  /** From the first byte sent until the last write was visible in a profile. */
  readonly visibleMs: number;
  /** Steady only, from the intended time of the request: until its answer, and until its last item was visible. */
  readonly ackMs: readonly number[];
  readonly lagMs: readonly number[];
}

/** Token reads wait in the service; so many at once are far more than a healthy one leaves waiting. */
const STEADY_CONNECTIONS = 128;

async function ingest(task: IngestTask): Promise<IngestResult> {
  const { how, requests } = task;
  const client = benchClient(task.url, how.mode === 'flood' ? how.connections : STEADY_CONNECTIONS);
  const started = performance.now();
  const times = how.mode === 'flood' ? await flood(client, task, how) : await steady(client, task, how);
  client.close();
  return {
    items: requests.reduce((sum, { items }) => sum + items, 0),
    bytes: requests.reduce((sum, { body }) => sum + body.byteLength, 0),
    acknowledgedMs: times.acknowledgedAt - started,
    visibleMs: performance.now() - started,
    ackMs: times.ackMs,
    lagMs: times.lagMs,
  };
}

interface Times {
  readonly acknowledgedAt: number;
  readonly ackMs: readonly number[];
  readonly lagMs: readonly number[];
}

async function flood(client: BenchClient, { requests, sandbox }: IngestTask, how: FloodTask): Promise<Times> {
  let next = 0;
  let newest = { token: '', profilePath: '' };
  const connection = async (): Promise<void> => {
    for (let request = requests[next++]; request; request = requests[next++]) {
      const token = await client.send(request, sandbox);
      if (token > newest.token) newest = { token, profilePath: request.profilePath };
    }
  };
  await Promise.all(Array.from({ length: how.connections }, connection));
  const acknowledgedAt = performance.now();
  if (newest.token !== '') await client.readAt(newest.profilePath, sandbox, newest.token);
  return { acknowledgedAt, ackMs: [], lagMs: [] };
}

async function steady(client: BenchClient, { requests, sandbox }: IngestTask, how: SteadyTask): Promise<Times> {
  const ackMs: number[] = [];
  const lagMs: number[] = [];
  let acknowledgedAt = 0;
  const loop = { ratePerSecond: how.requestsPerSecond, shots: requests.length, stopped: () => false };
  await openLoop(loop, realClock, async (shot, intendedAt) => {
    const request = requests[shot];
    if (request === undefined) return;
    const token = await client.send(request, sandbox);
    acknowledgedAt = performance.now();
    ackMs.push(acknowledgedAt - intendedAt);
    await client.readAt(request.profilePath, sandbox, token);
    lagMs.push(performance.now() - intendedAt);
  });
  return { acknowledgedAt, ackMs, lagMs };
}

parentPort?.postMessage(await ingest(workerData as IngestTask));
