import { canonicalJson, TesseraError, type FieldError } from '#core';

import { changed, refused, unchanged, type Decision } from '../decision.js';
import { refuseResourceId } from '../resource-id.js';
import type { SandboxCatalog } from '../sandbox-catalog.js';
import {
  FIRST_MERGE_POLICY,
  type AttributeMerge,
  type Granularity,
  type IdentityGraph,
  type MergePolicy,
  type MergePolicyDefinition,
} from './merge-policy.js';
import {
  MERGE_POLICY_CHANGED,
  MERGE_POLICY_CREATED,
  MERGE_POLICY_DELETED,
  type MergePolicyChanged,
  type MergePolicyDeleted,
  type MergePolicyEvent,
} from './merge-policy.events.js';

/** A policy as a client says it. */
export interface MergePolicyWish {
  readonly name: string;
  readonly class: string;
  readonly identityGraph: IdentityGraph;
  readonly attributeMerge: {
    readonly type: AttributeMerge['type'];
    /** Of `dataSetPrecedence`, and only there. */
    readonly order?: readonly string[] | undefined;
    /** `fragment` by default. */
    readonly granularity?: Granularity | undefined;
  };
}

export interface PutMergePolicy extends MergePolicyWish {
  readonly id: string;
  /** Left out: the policy stays what it is, and a new one is not the default. */
  readonly default?: boolean | undefined;
}

/** Creates a policy or changes the one of that id; it may become the default in place of the one that is. */
export function putMergePolicy(catalog: SandboxCatalog, command: PutMergePolicy): Decision<MergePolicyEvent> {
  const { id } = command;
  const invalidId = refuseResourceId(id);
  if (invalidId !== undefined) return invalidId;
  const existing = catalog.mergePolicies.get(id);
  const definition = { ...definitionOf(command), default: command.default ?? existing?.default ?? false };
  if (existing !== undefined && isSame(existing, definition)) return unchanged;
  const invalid = refuseMergePolicy(catalog, command);
  if (invalid !== undefined) return invalid;
  if (existing?.default === true && !definition.default) return refuseDefault(existing, ['default']);
  const data = { id, version: (existing?.version ?? 0) + 1, ...definition };
  const demoted = definition.default && existing?.default !== true ? demotions(catalog, definition.class) : [];
  if (existing === undefined) {
    return { outcome: 'created', events: [{ type: MERGE_POLICY_CREATED, data }, ...demoted] };
  }
  return { outcome: 'changed', events: [{ type: MERGE_POLICY_CHANGED, data }, ...demoted] };
}

/** Not the one that is the default: reads that name none would have nothing to go by. */
export function deleteMergePolicy(
  catalog: SandboxCatalog,
  { id }: { readonly id: string },
): Decision<MergePolicyDeleted> {
  const policy = catalog.mergePolicies.get(id);
  if (policy === undefined) {
    return refused('MERGE_POLICY_NOT_FOUND', `There is no merge policy ${JSON.stringify(id)}.`);
  }
  return policy.default ? refuseDefault(policy, []) : changed({ type: MERGE_POLICY_DELETED, data: { id } });
}

/** Why a policy cannot be taken as it is said; `undefined` when it can. */
export function refuseMergePolicy(catalog: SandboxCatalog, wish: MergePolicyWish) {
  if (wish.class !== FIRST_MERGE_POLICY.class) {
    const message = `is ${JSON.stringify(wish.class)}: policies make views of the class profile so far`;
    return refused('NOT_SUPPORTED', `The class of a merge policy ${message}.`, {
      errors: [{ path: 'class', message }],
    });
  }
  const errors = orderErrors(wish.attributeMerge);
  if (errors.length > 0) return refused('INVALID_REQUEST', 'The merge policy cannot be taken as it is.', { errors });
  const unknown = unknownDatasets(catalog, wish.attributeMerge);
  if (unknown.length === 0) return undefined;
  return refused('DATASET_NOT_FOUND', 'A merge policy orders datasets that are there.', { errors: unknown });
}

/** The whole of it, with what was left out at its default. */
export function definitionOf(wish: MergePolicyWish): Omit<MergePolicyDefinition, 'default'> {
  const { name, class: policyClass, identityGraph } = wish;
  const { type, order = [], granularity = 'fragment' } = wish.attributeMerge;
  const attributeMerge: AttributeMerge =
    type === 'dataSetPrecedence' ? { type, order: [...order], granularity } : { type, granularity };
  return { name, class: policyClass, identityGraph, attributeMerge };
}

/** The policy that is meant by none. Throws `NO_MERGE_POLICY`, which no decision here ever brings about. */
export function defaultMergePolicy({ mergePolicies }: Pick<SandboxCatalog, 'mergePolicies'>): MergePolicy {
  const policy = [...mergePolicies.values()].find((one) => one.default && one.class === FIRST_MERGE_POLICY.class);
  if (policy !== undefined) return policy;
  throw new TesseraError('NO_MERGE_POLICY', 'No merge policy was named, and none is the default.');
}

/** Datasets that a policy names and that were deleted since: it works without them. */
export function missingDatasets(
  { datasets }: Pick<SandboxCatalog, 'datasets'>,
  { attributeMerge }: Pick<MergePolicy, 'attributeMerge'>,
): readonly string[] {
  return attributeMerge.type === 'dataSetPrecedence' ? attributeMerge.order.filter((id) => !datasets.has(id)) : [];
}

/** The default of the class steps back: there is exactly one. */
function demotions({ mergePolicies }: SandboxCatalog, policyClass: string): readonly MergePolicyChanged[] {
  return [...mergePolicies.values()]
    .filter((policy) => policy.default && policy.class === policyClass)
    .map(({ createdAt: _createdAt, updatedAt: _updatedAt, ...policy }) => ({
      type: MERGE_POLICY_CHANGED,
      data: { ...policy, version: policy.version + 1, default: false },
    }));
}

function orderErrors({ type, order }: MergePolicyWish['attributeMerge']): readonly FieldError[] {
  const path = 'attributeMerge.order';
  if (type === 'timestampOrdered') {
    return order === undefined ? [] : [{ path, message: 'must be left out: times decide, not datasets' }];
  }
  if (order === undefined || order.length === 0) return [{ path, message: 'must name at least one dataset' }];
  return order.flatMap((id, index) =>
    order.indexOf(id) < index ? [{ path: `${path}[${index}]`, message: `names ${JSON.stringify(id)} again` }] : [],
  );
}

function unknownDatasets(
  { datasets }: Pick<SandboxCatalog, 'datasets'>,
  { order = [] }: MergePolicyWish['attributeMerge'],
): readonly FieldError[] {
  return order.flatMap((id, index) =>
    datasets.has(id)
      ? []
      : [{ path: `attributeMerge.order[${index}]`, message: `there is no dataset ${JSON.stringify(id)}` }],
  );
}

function refuseDefault({ id }: MergePolicy, paths: readonly string[]) {
  const errors = paths.map((path) => ({ path, message: 'cannot be false: there would be no default' }));
  const details = errors.length > 0 ? { errors } : {};
  return refused('MERGE_POLICY_IS_DEFAULT', `The merge policy ${id} is the default.`, details);
}

function isSame(policy: MergePolicyDefinition, wanted: MergePolicyDefinition): boolean {
  const text = ({
    name,
    class: policyClass,
    identityGraph,
    attributeMerge,
    default: isDefault,
  }: MergePolicyDefinition) => canonicalJson([name, policyClass, identityGraph, attributeMerge, isDefault]);
  return text(policy) === text(wanted);
}
