import { TesseraError } from '#core';

const CONNECTION_STRING =
  /^esdb(?:\+discover)?:\/\/(?:(?<user>[^:@/]+):(?<password>[^@]*)@)?(?<hosts>[^/?@]+)\/*(?:\?(?<query>.*))?$/;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3})$/i;

/** The hosts of a connection string, without ports; its options in lower case. Throws `INVALID_CONFIGURATION`. */
export function parseConnectionString(url: string): { hosts: string[]; query: URLSearchParams } {
  const groups = CONNECTION_STRING.exec(url.trim())?.groups;
  // The URL is not in the message: it may hold a password.
  if (groups?.['hosts'] === undefined) {
    throw new TesseraError(
      'INVALID_CONFIGURATION',
      'The URL of the event log must look like esdb://user:password@host:2113?tls=true',
    );
  }
  const query = new URLSearchParams();
  for (const [key, value] of new URLSearchParams(groups['query'] ?? '')) query.set(key.toLowerCase(), value);
  return { hosts: groups['hosts'].split(',').map((host) => host.replace(/:\d*$/, '').trim()), query };
}

export function credentialsOf(url: string): { readonly username: string; readonly password: string } | undefined {
  const { user, password } = CONNECTION_STRING.exec(url.trim())?.groups ?? {};
  if (user === undefined || password === undefined) return undefined;
  return { username: decodeURIComponent(user), password: decodeURIComponent(password) };
}

/** For the warning at start: what is sent can be read on its way, because TLS is off and the host is another machine. */
export function isUnencrypted(url: string): boolean {
  const { hosts, query } = parseConnectionString(url);
  return query.get('tls')?.trim().toLowerCase() === 'false' && !hosts.every((host) => LOOPBACK.test(host));
}
