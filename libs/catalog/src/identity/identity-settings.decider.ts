import type { FieldError } from '#core';

import { changed, refused, unchanged, type Decision } from '../decision.js';
import { namespaceKey, isPeopleType } from '../namespace/namespace.js';
import { namespaceOf, type SandboxCatalog } from '../sandbox-catalog.js';
import { IDENTITY_SETTINGS_CHANGED, type IdentitySettingsChanged } from './identity-settings.events.js';
import { DEFAULT_IDENTITY_SETTINGS, type IdentitySettings } from './identity-settings.js';

/** The whole settings; what is left out takes its default. */
export type ChangeIdentitySettings = Partial<
  Pick<IdentitySettings, 'unique' | 'priority' | 'maxIdentities' | 'blockedValues'>
>;

/** With one, nothing could be linked. */
const FEWEST_IDENTITIES = 2;
/** A profile is one document, and nobody has that many: what is larger is people glued together. */
const MOST_IDENTITIES = 1_000;
/** They are one event, and every item's identities are compared with them. */
const MOST_BLOCKED_VALUES = 1_000;
/** At four bytes each well below the smallest limit of a log for one event, 1 MB. */
const MOST_BLOCKED_CHARACTERS = 100_000;

export function changeIdentitySettings(
  catalog: Pick<SandboxCatalog, 'namespaces' | 'identitySettings'>,
  command: ChangeIdentitySettings,
): Decision<IdentitySettingsChanged> {
  const {
    unique = DEFAULT_IDENTITY_SETTINGS.unique,
    priority = DEFAULT_IDENTITY_SETTINGS.priority,
    maxIdentities = DEFAULT_IDENTITY_SETTINGS.maxIdentities,
    blockedValues = DEFAULT_IDENTITY_SETTINGS.blockedValues,
  } = command;
  const errors = [
    ...codeErrors(catalog, 'unique', unique),
    ...codeErrors(catalog, 'priority', priority),
    ...limitErrors(maxIdentities),
    ...blockedValueErrors(blockedValues),
  ];
  if (errors.length > 0) return refused('INVALID_REQUEST', 'The identity settings are not valid.', { errors });
  const asDefined = (code: string) => namespaceOf(catalog, code)?.code ?? code;
  const wanted = {
    unique: unique.map(asDefined),
    priority: priority.map(asDefined),
    maxIdentities,
    blockedValues: [...new Set(blockedValues)],
  };
  const before = catalog.identitySettings;
  if (areSame(before, wanted)) return unchanged;
  return changed({ type: IDENTITY_SETTINGS_CHANGED, data: { ...wanted, version: before.version + 1 } });
}

type Wanted = Required<ChangeIdentitySettings>;

function codeErrors(
  catalog: Pick<SandboxCatalog, 'namespaces'>,
  member: 'unique' | 'priority',
  codes: readonly string[],
): readonly FieldError[] {
  const keys = codes.map(namespaceKey);
  return codes.flatMap((code, index) => {
    const message =
      codeFault(catalog, code) ?? (keys.indexOf(keys[index] as string) < index ? 'is named twice' : undefined);
    return message === undefined ? [] : [{ path: `${member}[${index}]`, message }];
  });
}

function codeFault(catalog: Pick<SandboxCatalog, 'namespaces'>, code: string): string | undefined {
  const namespace = namespaceOf(catalog, code);
  if (namespace === undefined) return `there is no namespace ${JSON.stringify(code)}`;
  return isPeopleType(namespace.idType) ? undefined : `${namespace.code} does not identify people`;
}

function limitErrors(maxIdentities: number): readonly FieldError[] {
  if (Number.isInteger(maxIdentities) && maxIdentities >= FEWEST_IDENTITIES && maxIdentities <= MOST_IDENTITIES) {
    return [];
  }
  const message =
    `must be an integer from ${FEWEST_IDENTITIES}, below which nothing can be linked, ` +
    `to ${MOST_IDENTITIES}, above which a profile is no longer one person`;
  return [{ path: 'maxIdentities', message }];
}

function blockedValueErrors(values: readonly string[]): readonly FieldError[] {
  if (values.length > MOST_BLOCKED_VALUES)
    return [{ path: 'blockedValues', message: `must be ${MOST_BLOCKED_VALUES} values at most` }];
  if (values.reduce((sum, { length }) => sum + length, 0) > MOST_BLOCKED_CHARACTERS)
    return [
      { path: 'blockedValues', message: `must have ${MOST_BLOCKED_CHARACTERS} characters at most, all together` },
    ];
  return [];
}

/** The order of priorities matters, that of the other lists does not. */
function areSame(one: Wanted, other: Wanted): boolean {
  return (
    one.maxIdentities === other.maxIdentities &&
    one.priority.length === other.priority.length &&
    one.priority.every((code, index) => code === other.priority[index]) &&
    haveSame(one.unique, other.unique) &&
    haveSame(one.blockedValues, other.blockedValues)
  );
}

function haveSame(one: readonly string[], other: readonly string[]): boolean {
  const members = new Set(one);
  return members.size === new Set(other).size && other.every((member) => members.has(member));
}
