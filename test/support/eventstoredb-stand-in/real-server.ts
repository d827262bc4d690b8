import type { ServerUnderTest } from './server-under-test.js';

/** A server that runs already: an insecure single node, whose administration answers on the port of the URL. */
export function realServer(url: string): ServerUnderTest {
  const { host } = new URL(url.replace(/^esdb(\+discover)?:/, 'http:'));
  const admin = `http://${host}/admin/scavenge`;
  return {
    url,
    async scavenge() {
      const started = await fetch(admin, { method: 'POST' });
      if (!started.ok) throw new Error(`The scavenge did not start: ${started.status} ${await started.text()}`);
      while (await isScavenging(admin)) await new Promise((resolve) => setTimeout(resolve, 100));
    },
    // Whoever started it stops it.
    stop: async () => undefined,
  };
}

async function isScavenging(admin: string): Promise<boolean> {
  const answer = await fetch(`${admin}/current`, { headers: { accept: 'application/json' } });
  const { scavengeId } = (await answer.json()) as { scavengeId?: string | null };
  return Boolean(scavengeId);
}
