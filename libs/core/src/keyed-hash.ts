import { hash } from 'node:crypto';

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
  return hmac(padsOf(secret), lengthPrefixed(parts)).slice(0, bytes * 2);
}

/** Block size of SHA-256. */
const BLOCK_BYTES = 64;
/** Longer messages than that of an identity of some hundred characters are rare. */
const SCRATCH_BYTES = 4_096;

/** The key mixed into the two blocks of HMAC, each with room behind it for what is hashed together with it. */
interface HmacPads {
  readonly inner: Buffer;
  readonly outer: Buffer;
}

const pads = new WeakMap<NamingSecret, HmacPads>();

function padsOf(secret: NamingSecret): HmacPads {
  const known = pads.get(secret);
  if (known !== undefined) return known;
  const key = Buffer.from(secret.hex, 'hex');
  const made: HmacPads = { inner: Buffer.alloc(SCRATCH_BYTES), outer: Buffer.alloc(BLOCK_BYTES + 32) };
  for (let i = 0; i < BLOCK_BYTES; i += 1) {
    made.inner[i] = (key[i] ?? 0) ^ 0x36;
    made.outer[i] = (key[i] ?? 0) ^ 0x5c;
  }
  pads.set(secret, made);
  return made;
}

/**
 * HMAC-SHA-256 (RFC 2104) out of two one-shot digests, hexadecimal: with `createHmac` every name costs twice as much,
 * and an object that the garbage collector must finalise.
 */
function hmac({ inner, outer }: HmacPads, message: string): string {
  const end = BLOCK_BYTES + Buffer.byteLength(message);
  const first = end <= inner.length ? inner : Buffer.concat([inner.subarray(0, BLOCK_BYTES)], end);
  first.write(message, BLOCK_BYTES);
  outer.write(hash('sha256', first.subarray(0, end), 'binary'), BLOCK_BYTES, 'binary');
  return hash('sha256', outer, 'hex');
}

/**
 * 128 bits of SHA-256 over secret and parts, hexadecimal: for fingerprints on the hot path, where the one-shot call
 * costs a third of an HMAC. Half of the digest is withheld, so it cannot be extended.
 */
export function keyedFingerprint(secret: NamingSecret, ...parts: readonly string[]): string {
  return hash('sha256', secret.hex + lengthPrefixed(parts), 'hex').slice(0, 32);
}
