import type { IdentityDescriptor, Namespace } from '#catalog';
import {
  formatPath,
  getOwn,
  isJsonObject,
  parsePath,
  TesseraError,
  valueAt,
  type DataPath,
  type ErrorCode,
  type FieldError,
  type JsonObject,
  type JsonValue,
} from '#core';

/** A descriptor of a schema, ready to be followed in every item. */
export interface CompiledDescriptor {
  readonly namespace: Namespace;
  readonly path: DataPath;
  readonly text: string;
  /** The one key of a path that is a key of the item: most are. */
  readonly key: string | undefined;
  readonly primary: boolean;
}

/** A value that an item gives as an identity, before anybody judged it. */
export interface IdentityClaim {
  readonly namespace: Namespace;
  readonly value: string;
  readonly path: string;
  readonly primary: boolean;
  readonly source: 'descriptor' | 'identityMap';
}

/** A namespace of the sandbox by its code, whatever the case. */
export type FindNamespace = (code: string) => Namespace | undefined;

/** Why an item's identities could not be read or decided. */
export interface IdentityRefusal {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
}

/** Throws `NAMESPACE_NOT_FOUND` or `SCHEMA_INVALID`, which no descriptor of a defined schema gives occasion for. */
export function compileDescriptor(descriptor: IdentityDescriptor, find: FindNamespace): CompiledDescriptor {
  const namespace = find(descriptor.namespace);
  if (namespace === undefined)
    throw new TesseraError('NAMESPACE_NOT_FOUND', `There is no namespace ${descriptor.namespace}.`);
  const path = parsePath(descriptor.path);
  if (path === undefined) throw new TesseraError('SCHEMA_INVALID', `${descriptor.path} is not a path.`);
  const [only] = path;
  const key = path.length === 1 && typeof only === 'string' ? only : undefined;
  return { namespace, path, text: formatPath(path), key, primary: descriptor.primary };
}

/** Adds what the descriptors find, in their order. Answers the refusal where a value cannot be an identity at all. */
export function claimByDescriptors(
  descriptors: readonly CompiledDescriptor[],
  item: JsonObject,
  claims: IdentityClaim[],
): IdentityRefusal | undefined {
  for (const { namespace, path, text, key, primary } of descriptors) {
    const value = key === undefined ? valueAt(item, path) : getOwn(item, key);
    if (value === undefined) continue;
    if (typeof value !== 'string') return wrongType(text, 'string');
    claims.push({ namespace, value, path: text, primary, source: 'descriptor' });
  }
  return undefined;
}

/** Adds the entries of an `identityMap`, in its order. */
export function claimByIdentityMap(
  map: JsonValue,
  find: FindNamespace,
  claims: IdentityClaim[],
): IdentityRefusal | undefined {
  if (!isJsonObject(map)) return wrongType('identityMap', 'object');
  for (const [code, entries] of Object.entries(map)) {
    const namespace = find(code);
    if (namespace === undefined) return unknownNamespace(code);
    if (!Array.isArray(entries)) return wrongType(formatPath(['identityMap', code]), 'array');
    for (const [index, entry] of (entries as readonly JsonValue[]).entries()) {
      const at = ['identityMap', code, index];
      if (!isJsonObject(entry)) return wrongType(formatPath(at), 'object');
      const value = getOwn(entry, 'id');
      const primary = getOwn(entry, 'primary') ?? false;
      if (typeof value !== 'string') return wrongType(formatPath([...at, 'id']), 'string');
      if (typeof primary !== 'boolean') return wrongType(formatPath([...at, 'primary']), 'boolean');
      claims.push({ namespace, value, path: formatPath([...at, 'id']), primary, source: 'identityMap' });
    }
  }
  return undefined;
}

function wrongType(path: string, type: string): IdentityRefusal {
  return { code: 'SCHEMA_VIOLATION', errors: [{ path, keyword: 'type', message: `must be ${type}` }] };
}

function unknownNamespace(namespace: string): IdentityRefusal {
  const code = 'NAMESPACE_NOT_FOUND';
  const path = formatPath(['identityMap', namespace]);
  return { code, errors: [{ path, keyword: code, message: 'is not a namespace of this sandbox' }] };
}
