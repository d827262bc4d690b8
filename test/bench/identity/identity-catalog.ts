import type { JsonObject } from '#core';
import { ServiceClient } from '../../../apps/cli/src/service/service-client.js';

/** Fields of `identity-settings` that differ from those that a sandbox begins with. */
export interface Settings {
  readonly unique?: readonly string[];
  readonly maxIdentities?: number;
}

/** A policy that is not the default, so that it is evaluated when a profile is read. */
export const POLICY = 'loyalty-first';

const VISIT = { page: { type: 'string' } };
const ACCOUNT = { name: { type: 'string' }, city: { type: 'string' }, points: { type: 'integer' } };

/** A sandbox with datasets of events and of records whose items bring their identities along. */
export async function defineIdentitySandbox(url: string, sandbox: string, settings: Settings): Promise<void> {
  const prod = new ServiceClient({ url, sandbox: 'prod' });
  let { token } = await prod.send('PUT', `/v1/sandboxes/${sandbox}`, { title: sandbox });
  prod.close();
  const client = new ServiceClient({ url, sandbox });
  const send = async (method: 'PUT' | 'POST', path: string, body: JsonObject): Promise<void> => {
    token = (await client.send(method, `/v1/${path}`, body, token)).token ?? token;
  };
  await send('PUT', 'namespaces/CRMID', { name: 'Customer number', idType: 'CROSS_DEVICE' });
  await send('PUT', 'namespaces/WEB', { name: 'Browser', idType: 'COOKIE' });
  await send('PUT', 'identity-settings', { priority: ['CRMID', 'Email', 'WEB'], ...settings });
  for (const [schema, className, properties, datasets] of [
    ['visit', 'experienceevent', VISIT, ['visits']],
    ['account', 'profile', ACCOUNT, ['crm', 'loyalty']],
  ] as const) {
    const body = { title: schema, class: className, schema: { properties }, identities: [], identityMap: true };
    await send('PUT', `schemas/${schema}`, body);
    await send('POST', `schemas/${schema}/enable`, {});
    for (const dataset of datasets) {
      await send('PUT', `datasets/${dataset}`, { schema });
      await send('POST', `datasets/${dataset}/enable`, {});
    }
  }
  await send('PUT', `merge-policies/${POLICY}`, {
    name: 'Loyalty first',
    class: 'profile',
    identityGraph: 'pdg',
    attributeMerge: { type: 'dataSetPrecedence', order: ['loyalty', 'crm'] },
    default: false,
  });
  client.close();
}
