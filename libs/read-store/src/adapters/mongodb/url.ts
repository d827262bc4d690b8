import { TesseraError } from '#core';

const URL_PARTS =
  /^(?<scheme>mongodb(?:\+srv)?):\/\/(?:[^/?]*@)?(?<hosts>[^/?@]+)(?:\/(?<database>[^/?@]*))?(?:\?(?<query>.*))?$/;

export interface MongoUrl {
  readonly scheme: string;
  /** With their ports. */
  readonly hosts: readonly string[];
  readonly database: string | undefined;
  /** Names in lower case: the driver takes them in any. */
  readonly options: ReadonlyMap<string, string>;
}

/** Throws `INVALID_CONFIGURATION`; the message has nothing of the URL in it, which may hold a password. */
export function parseMongoUrl(url: string): MongoUrl {
  const parts = URL_PARTS.exec(url)?.groups;
  if (parts === undefined) {
    throw new TesseraError('INVALID_CONFIGURATION', 'The URL of the read store is not mongodb://<hosts>/<database>');
  }
  const options = [...new URLSearchParams(parts['query'])].map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    scheme: parts['scheme'] as string,
    hosts: (parts['hosts'] as string).split(','),
    database: parts['database'] ? decoded(parts['database']) : undefined,
    options: new Map(options),
  };
}

/**
 * Whether what is sent can be read on the way: TLS is off, and a host is not this machine. Throws `INVALID_CONFIGURATION`
 * as `openMongoReadStore` would.
 */
export function isUnencrypted(url: string): boolean {
  const { scheme, hosts, options } = parseMongoUrl(url);
  const tls = options.get('tls') ?? options.get('ssl') ?? (scheme === 'mongodb+srv' ? 'true' : 'false');
  return tls !== 'true' && !hosts.every(isLoopback);
}

function isLoopback(host: string): boolean {
  const isSocket = host.toLowerCase().endsWith('.sock');
  return isSocket || /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TesseraError('INVALID_CONFIGURATION', 'The database in the URL of the read store is not percent-encoded');
  }
}
