import { keyedHash, type NamingSecret } from './keyed-hash.js';

/** An identity as items and answers write it: namespace code as defined, value normalised. */
export interface Identity {
  readonly namespace: string;
  readonly id: string;
}

/** Internal id of a sandbox: 8 lower-case base32 characters, minted at creation and again at every reset. */
export type SandboxId = string;

/**
 * The name of an identity inside read models: 128 bits of keyed hash over sandbox, namespace and value, 32 hexadecimal
 * digits. It tells nothing about the person, and it is the profile id of a profile whose first member it is.
 */
export type IdentityRef = string;

export const STREAM_PREFIX = {
  fragment: 'fragment_',
  catalog: 'catalog-',
  batch: 'batch_',
  refusals: 'refusals_',
  job: 'job_',
  erasure: 'erasure-',
  system: 'system',
} as const;

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 base32 in lower case without padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32.charAt((pending >> bits) & 31);
      pending &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + BASE32.charAt((pending << (5 - bits)) & 31) : text;
}

export function identityRef(secret: NamingSecret, sandbox: SandboxId, identity: Identity): IdentityRef {
  return keyedHash(secret, 16, 'identity', sandbox, identity.namespace, identity.id);
}

/**
 * `fragment_<sandbox>_<bucket>-<key>`: the stream of everything that one dataset holds under one owner. All fragments
 * of one owner share a bucket (two hexadecimal digits); the name holds no personal data.
 */
export function fragmentStream(secret: NamingSecret, sandbox: SandboxId, dataset: string, owner: Identity): string {
  const bucket = keyedHash(secret, 1, owner.namespace, owner.id);
  const key = base32(Buffer.from(keyedHash(secret, 20, dataset, owner.namespace, owner.id), 'hex'));
  return `${STREAM_PREFIX.fragment}${sandbox}_${bucket}-${key}`;
}

/** `refusals_<sandbox>-<dataset>`: what requests of items were refused, none of which is in the log. */
export function refusalsStream(sandbox: SandboxId, dataset: string): string {
  return `${STREAM_PREFIX.refusals}${sandbox}-${dataset}`;
}

export function catalogStream(sandbox: SandboxId): string {
  return STREAM_PREFIX.catalog + sandbox;
}
