import { parentPort, workerData } from 'node:worker_threads';
import { benchClient } from './client.js';
import { openLoop, realClock } from './open-loop.js';

export interface LookupTask {
  readonly url: string;
  readonly sandbox: string;
  /** Profiles that are there; read in turn. */
  readonly profilePaths: readonly string[];
  readonly ratePerSecond: number;
  /** Set to 1 by whoever started this thread, when the load beside it has ended. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

export interface LookupResult {
  /** From the intended time of each request to its answer. */
  readonly latenciesMs: readonly number[];
  /** Answers that were not the profile. */
  readonly failures: number;
}

/** A service that answers in 10 ms needs ten; the rest is for when it stalls. */
const CONNECTIONS = 256;

async function lookUp({ url, sandbox, profilePaths, ratePerSecond, stop }: LookupTask): Promise<LookupResult> {
  const client = benchClient(url, CONNECTIONS);
  const latenciesMs: number[] = [];
  let failures = 0;
  const stopped = (): boolean => Atomics.load(stop, 0) === 1;
  await openLoop({ ratePerSecond, shots: Infinity, stopped }, realClock, async (shot, intendedAt) => {
    const path = profilePaths[shot % profilePaths.length] ?? '';
    const found = await client.read(path, sandbox).catch(() => false);
    latenciesMs.push(performance.now() - intendedAt);
    if (!found) failures += 1;
  });
  client.close();
  return { latenciesMs, failures };
}

parentPort?.postMessage(await lookUp(workerData as LookupTask));
