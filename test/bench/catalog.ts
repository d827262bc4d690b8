import { fileURLToPath } from 'node:url';
import { readCatalogRequests } from '../../apps/cli/src/service/catalog-requests.js';
import { ServiceClient } from '../../apps/cli/src/service/service-client.js';

/** What is measured. */
export const SANDBOX = 'prod';
/** What is loaded before, so that compiled code is measured: a service runs for weeks, a bench for minutes. */
export const WARM_UP_SANDBOX = 'warm-up';

/** Seen from where this file is built to. */
const SETUP = fileURLToPath(new URL('../../../examples/retail/setup.json', import.meta.url));

/** Defines what the example defines, in both sandboxes. */
export async function defineCatalog(url: string): Promise<void> {
  const service = new ServiceClient({ url, sandbox: SANDBOX });
  const created = await service.send('PUT', `/v1/sandboxes/${WARM_UP_SANDBOX}`, { title: 'Warm-up' });
  service.close();
  for (const sandbox of [SANDBOX, WARM_UP_SANDBOX]) {
    const client = new ServiceClient({ url, sandbox });
    let token = created.token;
    for (const { method, path, body } of readCatalogRequests(SETUP)) {
      const answer = await client.send(method, path, body, token);
      token = answer.token ?? token;
    }
    client.close();
  }
}
