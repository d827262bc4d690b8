import {
  canonicalJson,
  keyedFingerprint,
  type Identity,
  type JsonValue,
  type NamingSecret,
  type SandboxId,
} from '#core';

/** Fingerprint of a client's id in the scope in which it is unique: one fragment. 32 hexadecimal digits. */
export function clientIdHash(
  secret: NamingSecret,
  sandbox: SandboxId,
  dataset: string,
  owner: Identity,
  id: string,
): string {
  return keyedFingerprint(secret, 'id', sandbox, dataset, owner.namespace, owner.id, id);
}

/** Fingerprint of an item's content: equal for equal JSON, whatever its key order or white space. */
export function contentHash(secret: NamingSecret, item: JsonValue): string {
  return keyedFingerprint(secret, 'content', canonicalJson(item));
}
