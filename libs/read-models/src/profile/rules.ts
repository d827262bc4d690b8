import { NAMESPACE_DEFINED, type CatalogEvent, type IdType, type NamespaceDefined } from '#catalog';
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
}

/** One document per sandbox that has rules of its own. */
export const RULES = { name: 'rules', key: 'text', columns: {}, indexes: [] } as const satisfies CollectionSpec;

/** Events of the catalog that are rules of the fold. */
export type RuleEvent = NamespaceDefined;

const TYPES: Readonly<Record<RuleEvent['type'], true>> = { [NAMESPACE_DEFINED]: true };

/** Rules by which what was folded before would be folded otherwise. A namespace says nothing about what came before it. */
const REWRITING: ReadonlySet<string> = new Set<RuleEvent['type']>([]);

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
  const { code, idType } = event.data;
  return { sandbox, revision, idTypes: { ...before?.idTypes, [code]: idType } };
}
