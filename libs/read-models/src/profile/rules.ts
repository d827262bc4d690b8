import {
  DEFAULT_IDENTITY_SETTINGS,
  evolveDefaultMerge,
  FIRST_DEFAULT_MERGE,
  IDENTITY_SETTINGS_CHANGED,
  MERGE_POLICY_CHANGED,
  MERGE_POLICY_CREATED,
  NAMESPACE_DEFINED,
  type CatalogEvent,
  type DefaultMerge,
  type IdentitySettingsChanged,
  type IdType,
  type MergePolicyChanged,
  type MergePolicyCreated,
  type NamespaceDefined,
} from '#catalog';
import type { SandboxId } from '#core';
import type { CollectionSpec } from '#read-store';

/**
 * What of a sandbox's catalog decides how its profiles are folded, as far as the fold has read it: so a rebuild folds every
 * item by the rules that stood before it in the log.
 */
export interface RulesBody {
  readonly sandbox: SandboxId;
  /** Of the catalog stream: that of the last event in here. */
  readonly revision: number;
  /** By code, of the namespaces that are not built in. */
  readonly idTypes: { readonly [namespace: string]: IdType };
  /** Under which profiles are merged; absent while it is as it came with the sandbox. */
  readonly defaultMerge?: DefaultMerge;
  /** Absent while they are as every sandbox begins with. */
  readonly identitySettings?: IdentitySettingsChanged['data'];
}

/** One document per sandbox that has rules of its own. */
export const RULES = { name: 'rules', key: 'text', columns: {}, indexes: [] } as const satisfies CollectionSpec;

/** Events of the catalog that are rules of the fold. */
export type RuleEvent = NamespaceDefined | MergePolicyCreated | MergePolicyChanged | IdentitySettingsChanged;

const TYPES: Readonly<Record<RuleEvent['type'], true>> = {
  [NAMESPACE_DEFINED]: true,
  [MERGE_POLICY_CREATED]: true,
  [MERGE_POLICY_CHANGED]: true,
  [IDENTITY_SETTINGS_CHANGED]: true,
};

/** Rules by which what was folded before would be folded otherwise. A namespace says nothing about what came before it. */
const REWRITING: ReadonlySet<string> = new Set<RuleEvent['type']>([
  MERGE_POLICY_CREATED,
  MERGE_POLICY_CHANGED,
  IDENTITY_SETTINGS_CHANGED,
]);

export function isRuleEvent(event: CatalogEvent): event is RuleEvent {
  return Object.hasOwn(TYPES, event.type);
}

/** Whether documents that were folded before the event differ from what a fold would make of them after it. */
export function isRewriting(type: string): boolean {
  return REWRITING.has(type);
}

export function evolveRules(
  before: RulesBody | undefined,
  { sandbox, revision, event }: { readonly sandbox: SandboxId; readonly revision: number; readonly event: RuleEvent },
): RulesBody {
  const rules = { idTypes: {}, ...before, sandbox, revision };
  switch (event.type) {
    case NAMESPACE_DEFINED: {
      const { code, idType } = event.data;
      return { ...rules, idTypes: { ...rules.idTypes, [code]: idType } };
    }
    case MERGE_POLICY_CREATED:
    case MERGE_POLICY_CHANGED: {
      const defaultMerge = evolveDefaultMerge(defaultMergeOf(before), event);
      return defaultMerge === FIRST_DEFAULT_MERGE ? rules : { ...rules, defaultMerge };
    }
    case IDENTITY_SETTINGS_CHANGED:
      return { ...rules, identitySettings: event.data };
  }
}

/** How profiles are merged by these rules, or by none. */
export function defaultMergeOf(rules: RulesBody | undefined): DefaultMerge {
  return rules?.defaultMerge ?? FIRST_DEFAULT_MERGE;
}

/** Those that every sandbox begins with, where there are no others. */
export function identitySettingsOf(rules: RulesBody | undefined): IdentitySettingsChanged['data'] {
  return rules?.identitySettings ?? DEFAULT_IDENTITY_SETTINGS;
}
