/** Whose fragments make a profile: those of the identity that was asked for, or of its cluster in the person graph. */
export const IDENTITY_GRAPHS = ['none', 'pdg'] as const;
export type IdentityGraph = (typeof IDENTITY_GRAPHS)[number];

export const MERGE_TYPES = ['timestampOrdered', 'dataSetPrecedence'] as const;
export const GRANULARITIES = ['fragment', 'field'] as const;
/** Whose time decides: that of the fragment's last update, or of the last change of the value itself. */
export type Granularity = (typeof GRANULARITIES)[number];

/** How the fragments of a profile become one view. */
export type AttributeMerge =
  | { readonly type: 'timestampOrdered'; readonly granularity: Granularity }
  | {
      readonly type: 'dataSetPrecedence';
      /** Ids of datasets, best first. Fragments of others are left out. One or more, each once. */
      readonly order: readonly string[];
      readonly granularity: Granularity;
    };

export interface MergePolicyDefinition {
  readonly name: string;
  /** Of what it makes a view. */
  readonly class: string;
  readonly identityGraph: IdentityGraph;
  readonly attributeMerge: AttributeMerge;
  /** Meant where a read names no policy. One per class. */
  readonly default: boolean;
}

/** A merge policy in its current version. */
export interface MergePolicy extends MergePolicyDefinition {
  readonly id: string;
  /** Counts from 1. */
  readonly version: number;
  /** RFC 3339; absent from the one that comes with the sandbox. */
  readonly createdAt?: string;
  /** RFC 3339; absent while it is as it came with the sandbox. */
  readonly updatedAt?: string;
}

/** In every sandbox from the start, without an event of its own. */
export const FIRST_MERGE_POLICY = {
  id: 'default',
  version: 1,
  name: 'Default',
  class: 'profile',
  identityGraph: 'pdg',
  attributeMerge: { type: 'timestampOrdered', granularity: 'fragment' },
  default: true,
} as const satisfies MergePolicy;
