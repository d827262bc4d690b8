import type { FieldError } from '#core';

import { created, refused, unchanged, type Decision } from '../decision.js';
import { refuseNamespaceCode } from '../resource-id.js';
import { namespaceOf, type SandboxCatalog } from '../sandbox-catalog.js';
import { NAMESPACE_DEFINED, type NamespaceDefined } from './namespace.events.js';
import { caseSensitiveByDefault, type IdType, type Namespace } from './namespace.js';

export interface DefineNamespace {
  readonly code: string;
  readonly name: string;
  readonly idType: IdType;
  /** By default what fits the type. */
  readonly caseSensitive?: boolean;
}

export function defineNamespace(
  catalog: Pick<SandboxCatalog, 'namespaces'>,
  command: DefineNamespace,
): Decision<NamespaceDefined> {
  const invalid = refuseNamespaceCode(command.code);
  if (invalid !== undefined) return invalid;
  const existing = namespaceOf(catalog, command.code);
  const { code, name, idType, caseSensitive = existing?.caseSensitive ?? caseSensitiveByDefault(idType) } = command;
  if (existing === undefined) {
    return created({ type: NAMESPACE_DEFINED, data: { code, name, idType, caseSensitive } });
  }
  const errors = differences(existing, { name, idType, caseSensitive });
  return errors.length === 0 ? unchanged : refused('NAMESPACE_DIFFERS', differsMessage(existing), { errors });
}

function differences(
  existing: Namespace,
  wanted: Pick<Namespace, 'name' | 'idType' | 'caseSensitive'>,
): readonly FieldError[] {
  const members = ['name', 'idType', 'caseSensitive'] as const;
  return members
    .filter((member) => existing[member] !== wanted[member])
    .map((member) => ({ path: member, message: `is ${JSON.stringify(existing[member])}` }));
}

function differsMessage({ code, builtIn }: Namespace): string {
  return `The namespace ${code} is ${builtIn ? 'built in' : 'defined'} otherwise; a namespace never changes.`;
}
