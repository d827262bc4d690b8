import { formatPath, parsePath, type FieldError } from '#core';

import { namespaceOf, type SandboxCatalog } from '../sandbox-catalog.js';
import type { IdentityDescriptor, SchemaDefinition } from './schema.js';
import type { Shape } from './shape.js';

/** What is wrong with the identity descriptors of a schema, given the shape of its items. One at most is primary. */
export function identityErrors(
  catalog: Pick<SandboxCatalog, 'namespaces'>,
  { identities }: Pick<SchemaDefinition, 'identities'>,
  shape: Shape,
): readonly FieldError[] {
  return identities.flatMap((descriptor, index) => descriptorErrors(catalog, identities, index, shape, descriptor));
}

function descriptorErrors(
  catalog: Pick<SandboxCatalog, 'namespaces'>,
  identities: readonly IdentityDescriptor[],
  index: number,
  shape: Shape,
  { path, namespace, primary }: IdentityDescriptor,
): readonly FieldError[] {
  const at = `identities[${index}]`;
  const pathFault = pathFaultOf(path, shape);
  const errors: FieldError[] = pathFault === undefined ? [] : [{ path: `${at}.path`, message: pathFault }];
  if (namespaceOf(catalog, namespace) === undefined) {
    errors.push({ path: `${at}.namespace`, message: `there is no namespace ${JSON.stringify(namespace)}` });
  }
  if (identities.findIndex((other) => other.path === path) < index) {
    errors.push({ path: `${at}.path`, message: 'is the path of another descriptor' });
  }
  if (primary && identities.findIndex((other) => other.primary) < index) {
    errors.push({
      path: `${at}.primary`,
      message: 'is a second primary identity: owners that differ come in identityMap',
    });
  }
  return errors;
}

/** Through objects only: what lies in an array or a map is not one value that could be the identity. */
function pathFaultOf(text: string, shape: Shape): string | undefined {
  const path = parsePath(text);
  if (path === undefined || formatPath(path) !== text) return 'is not a path such as person.email';
  let at: Shape | undefined = shape;
  for (const step of path) at = typeof step === 'string' ? at?.properties.get(step) : undefined;
  if (at === undefined) return 'is not a path of the schema through objects';
  return at.type === 'string' ? undefined : `is of type ${at.type}: an identity is a string`;
}
