import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { namingSecret, STREAM_PREFIX, TesseraError, type NamingSecret } from '#core';
import type { EventLog } from '#event-log';

import { writeDurably } from './durable-file.js';

/** First event of `system`: `{fingerprint}`. */
export const NAMING_SECRET_REGISTERED = 'NamingSecretRegistered';

const SECRET_BYTES = 32;
/** Who reads it can tell which names stand for a person he knows. */
const SECRET_MODE = 0o600;

export interface SecretRegistration {
  readonly log: EventLog;
  readonly file: string;
  /** The secret itself, where the operator hands it over; the file is not looked at then. */
  readonly hex?: string | undefined;
  /** Only who serves a log begins it: what a projector registered would be the secret that the API then has to have. */
  readonly mayBegin: boolean;
  readonly mintId: () => string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * The naming secret that belongs to this log: the one that is handed over, else read from its file, or minted when no
 * secret is registered in the log, which is the first thing that ever happens to it. Throws `NAMING_SECRET_DIFFERS` when
 * secret and log do not belong together, and never mints one for a log that has one: under another secret every name in
 * it would be wrong. Who may not begin a log gets `LOG_UNAVAILABLE` while nobody has, and `INVALID_CONFIGURATION` without
 * a secret.
 */
export async function openNamingSecret(registration: SecretRegistration): Promise<NamingSecret> {
  const { log, file, hex, mayBegin } = registration;
  const given = hex === undefined ? readSecret(file) : namingSecret(hex);
  if (given === undefined && !mayBegin) {
    throw new TesseraError('INVALID_CONFIGURATION', `Set TESSERA_NAMING_SECRET as for the API: ${file} is not there.`);
  }
  const fresh = (await registeredFingerprint(log)) === undefined;
  if (fresh && !mayBegin) throw new TesseraError('LOG_UNAVAILABLE', 'No API process has begun this log yet.');
  const secret = given ?? (fresh ? mintSecret(file) : refuse(`The log has events, but ${file} is missing.`));
  if (fresh) await register(registration, secret);
  const registered = await registeredFingerprint(log);
  const origin = hex === undefined ? file : 'TESSERA_NAMING_SECRET';
  if (registered !== secret.fingerprint) refuse(`${origin} is not the secret that this log was written with.`);
  return secret;
}

function readSecret(file: string): NamingSecret | undefined {
  let hex: string;
  try {
    hex = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return namingSecret(hex);
  } catch {
    return refuse(`${file} does not hold 64 hexadecimal digits.`);
  }
}

/** On disk before its first use: names made with a secret that is lost cannot be made again. */
function mintSecret(file: string): NamingSecret {
  const hex = randomBytes(SECRET_BYTES).toString('hex');
  writeDurably(file, `${hex}\n`, SECRET_MODE);
  return namingSecret(hex);
}

async function register({ log, mintId, now }: SecretRegistration, secret: NamingSecret): Promise<void> {
  const data = JSON.stringify({ fingerprint: secret.fingerprint });
  const [written] = await log.append({
    common: { ingestedAt: now, v: 1 },
    writes: [
      {
        stream: STREAM_PREFIX.system,
        expected: 'none',
        events: [{ id: mintId(), type: NAMING_SECRET_REGISTERED, data }],
      },
    ],
  });
  // Refused: another process was first, and the comparison that follows decides.
  if (written?.outcome === 'unknown') throw written.error;
}

async function registeredFingerprint(log: EventLog): Promise<string | undefined> {
  const { events } = await log.readStream(STREAM_PREFIX.system, { from: 0, limit: 1 });
  const [first] = events;
  if (first?.type !== NAMING_SECRET_REGISTERED) return undefined;
  return (JSON.parse(first.data) as { readonly fingerprint?: string }).fingerprint;
}

function refuse(what: string): never {
  throw new TesseraError(
    'NAMING_SECRET_DIFFERS',
    `${what} Put back the naming secret that was backed up with the log; without it nothing in the log can be found.`,
  );
}
