import { CliError } from '../cli-error.js';
import { listOf, type ProjectionAnswer } from './answers.js';
import { type ServiceClient, ServiceError } from './service-client.js';

/** A token read gives up after 5 s; so many without the view moving mean that it stands. */
const STANDSTILLS = 12;

/**
 * Resolves when reads see everything up to `token`. However far the view is behind, this waits while it moves; when it
 * stands for a minute it throws a `CliError`. `onWait` is told after every fruitless read how many seconds it lags.
 */
export async function untilVisible(
  client: Pick<ServiceClient, 'get'>,
  token: string,
  onWait: (lagSeconds: number) => void,
): Promise<void> {
  let position: string | undefined;
  for (let standstills = 0; standstills < STANDSTILLS;) {
    if (await isVisible(client, token)) return;
    const live = await liveProfiles(client);
    onWait(live?.lagSeconds ?? 0);
    standstills = live?.position === position ? standstills + 1 : 0;
    position = live?.position;
  }
  throw new CliError('the profiles do not move on: see "tessera status" and the log of the service');
}

async function isVisible(client: Pick<ServiceClient, 'get'>, token: string): Promise<boolean> {
  try {
    await client.get('/v1/profiles?limit=1', token);
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'NOT_YET_VISIBLE') return false;
    throw error;
  }
}

async function liveProfiles(client: Pick<ServiceClient, 'get'>): Promise<ProjectionAnswer | undefined> {
  const projections = listOf((await client.get('/v1/projections')).body) as readonly ProjectionAnswer[];
  return projections.find(({ name, state }) => name === 'profile' && state === 'live');
}
