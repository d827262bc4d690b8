import { formatPath, parsePath, type FieldError } from '#core';

import { isPeopleType } from '../namespace/namespace.js';
import { namespaceOf, type SandboxCatalog } from '../sandbox-catalog.js';
import { isPeopleClass, type IdentityDescriptor, type SchemaDefinition } from './schema.js';
import type { Shape } from './shape.js';

/** What is wrong with what a schema says of identities, given the shape of its items. One at most is primary. */
export function identityErrors(
  catalog: Pick<SandboxCatalog, 'namespaces'>,
  definition: Pick<SchemaDefinition, 'class' | 'identities' | 'identityMap'>,
  shape: Shape,
): readonly FieldError[] {
  const { identities } = definition;
  return [
    ...identities.flatMap((descriptor, index) => descriptorErrors(catalog, identities, index, shape, descriptor)),
    ...ownerErrors(catalog, definition),
  ];
}

/** What people do not own must not be kept under an identity of a person, or it would become part of a profile. */
function ownerErrors(
  catalog: Pick<SandboxCatalog, 'namespaces'>,
  { class: schemaClass, identities, identityMap }: Pick<SchemaDefinition, 'class' | 'identities' | 'identityMap'>,
): readonly FieldError[] {
  if (isPeopleClass(schemaClass)) return [];
  const errors = identities.flatMap(({ namespace, primary }, index): readonly FieldError[] => {
    const idType = namespaceOf(catalog, namespace)?.idType;
    if (!primary || idType === undefined || !isPeopleType(idType)) return [];
    const message = `is a namespace of people (${idType}): nobody owns what is of the class ${schemaClass}`;
    return [{ path: `identities[${index}].namespace`, message }];
  });
  if (!identityMap) return errors;
  return [...errors, { path: 'identityMap', message: 'is for the classes profile and experienceevent' }];
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
