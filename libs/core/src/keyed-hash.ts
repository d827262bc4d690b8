import { createHmac, hash } from 'node:crypto';

/** The secret behind every name that Tessera derives from personal data. Minted with the log and backed up with it. */
export interface NamingSecret {
  /** 32 random bytes, hexadecimal. */
  readonly hex: string;
  /** What `system` records of it, so that a process with another secret refuses to start. */
  readonly fingerprint: string;
}

const SECRET_HEX = /^[0-9a-f]{64}$/;

export function namingSecret(hex: string): NamingSecret {
  if (!SECRET_HEX.test(hex)) throw new TypeError('a naming secret is 64 lower-case hexadecimal digits');
  return { hex, fingerprint: hash('sha256', `tessera/naming-secret/${hex}`, 'hex').slice(0, 32) };
}

/** Joins parts so that no two different lists give the same text: every part is preceded by its length. */
export function lengthPrefixed(parts: readonly string[]): string {
  let text = '';
  for (const part of parts) text += `${part.length}:${part}`;
  return text;
}

/** HMAC-SHA-256 over the length-prefixed parts; `bytes` of it (at most 32), hexadecimal. */
export function keyedHash(secret: NamingSecret, bytes: number, ...parts: readonly string[]): string {
  return createHmac('sha256', Buffer.from(secret.hex, 'hex'))
    .update(lengthPrefixed(parts))
    .digest('hex')
    .slice(0, bytes * 2);
}

/**
 * 128 bits of SHA-256 over secret and parts, hexadecimal: for fingerprints on the hot path, where the one-shot call
 * costs a third of an HMAC. Half of the digest is withheld, so it cannot be extended.
 */
export function keyedFingerprint(secret: NamingSecret, ...parts: readonly string[]): string {
  return hash('sha256', secret.hex + lengthPrefixed(parts), 'hex').slice(0, 32);
}
