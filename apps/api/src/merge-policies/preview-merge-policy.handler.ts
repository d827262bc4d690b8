import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { defaultMergePolicy, definitionOf, refuseMergePolicy, type MergePolicyWish } from '#catalog';
import type { Identity } from '#core';
import { attributeDifferences, mergeFragments } from '#profile';
import { PROFILES, type ProfileBody } from '#read-models';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { refusalError } from '../catalog/catalog-writer.js';
import { attributesOf } from '../computed-attributes/attribute-answers.js';
import type { ComputedValues } from '../computed-attributes/computed-value.dto.js';
import { consistentProfiles, type ConsistentProfile } from '../profiles/consistent-profiles.js';
import { profileContent } from '../profiles/profile-answer.js';
import type { AskedIdentity, SandboxView, StoredProfile } from '../profiles/sandbox-view.js';
import { SandboxViews } from '../profiles/sandbox-views.js';
import { selectedProfile, type Selection } from '../profiles/selected-profile.js';
import { DEFAULT_PREVIEWED, type PreviewAnswer, type PreviewedProfile } from './preview.dto.js';

/** What profiles would be under a policy that is not kept. */
export class PreviewMergePolicy extends Query<PreviewAnswer> {
  constructor(
    readonly view: SandboxRequest,
    readonly policy: MergePolicyWish,
    /** The first few profiles by default. */
    readonly identities: readonly Identity[] | undefined,
  ) {
    super();
  }
}

@QueryHandler(PreviewMergePolicy)
export class PreviewMergePolicyHandler implements IQueryHandler<PreviewMergePolicy> {
  constructor(private readonly views: SandboxViews) {}

  async execute({ view: request, policy: wish, identities }: PreviewMergePolicy): Promise<PreviewAnswer> {
    const view = await this.views.open(request);
    const invalid = refuseMergePolicy(view.catalog, wish);
    if (invalid !== undefined) throw refusalError(invalid.refusal);
    const current = defaultMergePolicy(view.catalog);
    const policy = definitionOf(wish);
    const asked = identities === undefined ? await samples(view) : askedIdentities(view, identities);
    const found = await consistentProfiles(
      view,
      asked.map(({ ref }) => ref),
      { select: (profile) => profile, needsFragments: () => true },
    );
    const after = asked.map(({ ref }, index) => viewOf(found[index], ref, policy));
    const existing = after.filter((profile) => profile !== undefined);
    const values = await attributesOf(view, existing, { at: view.now, fields: undefined });
    const computedOf = new Map(existing.map((profile, index) => [profile, values[index]]));
    return {
      comparedWith: { id: current.id, version: current.version },
      results: asked.map((one, index) => {
        const profile = after[index];
        const before = viewOf(found[index], one.ref, current);
        return previewed(one, before, profile, (profile && computedOf.get(profile)) ?? {});
      }),
    };
  }
}

function askedIdentities(view: SandboxView, identities: readonly Identity[]): readonly AskedIdentity[] {
  return identities.map(({ namespace, id }, index) => view.identity(namespace, id, `identities[${index}].namespace`));
}

/** Of each of the first profiles an identity that owns something, so that it has a profile under any policy. */
async function samples({ reader, catalog }: SandboxView): Promise<readonly AskedIdentity[]> {
  const documents = await reader.scan(PROFILES.name, {
    index: 'by_sandbox',
    equals: [catalog.sandbox, 1],
    limit: DEFAULT_PREVIEWED,
  });
  return documents.flatMap(({ body }) => {
    const { members, records, events } = JSON.parse(body) as ProfileBody;
    const owner = members.find(({ ref }) => records[ref] !== undefined || events[ref] !== undefined);
    return owner === undefined ? [] : [{ identity: { namespace: owner.namespace, id: owner.id }, ref: owner.ref }];
  });
}

function previewed(
  { identity }: AskedIdentity,
  before: StoredProfile | undefined,
  after: StoredProfile | undefined,
  computed: ComputedValues,
): PreviewedProfile {
  const differences = attributeDifferences(before?.body.attributes ?? {}, after?.body.attributes ?? {});
  if (after === undefined) return { identity, found: false, differences };
  return { identity, found: true, profile: profileContent(after, { fields: undefined, computed }), differences };
}

function viewOf(found: ConsistentProfile | undefined, ref: string, policy: Selection): StoredProfile | undefined {
  if (found === undefined) return undefined;
  const { profile, fragments = [] } = found;
  const selected = selectedProfile(profile, ref, policy);
  if (selected === undefined) return undefined;
  const { records } = selected.body;
  const held = fragments.filter(({ owner, dataset }) => records[owner]?.includes(dataset) === true);
  return { ...selected, body: { ...selected.body, attributes: mergeFragments(held, policy.attributeMerge) } };
}
