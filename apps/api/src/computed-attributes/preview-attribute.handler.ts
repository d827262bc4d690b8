import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';

import { defaultMergePolicy } from '#catalog';
import {
  AttributeReading,
  compileAttribute,
  readContent,
  typeOfAttribute,
  windowStart,
  type AttributeValue,
  type CompiledAttribute,
} from '#computed-attributes';
import { TesseraError, toRfc3339, type Clock, type Identity, type JsonObject } from '#core';
import { PROFILES, timelineOwner, type ProfileBody } from '#read-models';

import type { SandboxRequest } from '../catalog/catalog-tail.js';
import { refusalError } from '../catalog/catalog-writer.js';
import { CLOCK } from '../common/ports.js';
import type { AskedIdentity, SandboxView } from '../profiles/sandbox-view.js';
import { SandboxViews } from '../profiles/sandbox-views.js';
import { selectedProfile } from '../profiles/selected-profile.js';
import { requestedTime } from '../profiles/requested.js';
import { valueAnswer } from './attribute-answers.js';
import { DEFAULT_PREVIEWED, type AttributePreviewAnswer, type PreviewedValue } from './computed-attribute.dto.js';
import { eachEvent, type EventSources } from './read-attributes.js';

/** What an attribute that is not kept would be for some profiles, under the default policy. */
export class PreviewAttribute extends Query<AttributePreviewAnswer> {
  constructor(
    readonly view: SandboxRequest,
    readonly definition: JsonObject,
    /** The first few profiles by default. */
    readonly identities: readonly Identity[] | undefined,
    /** RFC 3339. */
    readonly at: string | undefined,
  ) {
    super();
  }
}

@QueryHandler(PreviewAttribute)
export class PreviewAttributeHandler implements IQueryHandler<PreviewAttribute> {
  constructor(
    private readonly views: SandboxViews,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async execute(preview: PreviewAttribute): Promise<AttributePreviewAnswer> {
    const at = requestedTime('at', preview.at) ?? this.clock.now();
    const view = await this.views.open(preview.view);
    const reading = readContent(preview.definition);
    if ('refusal' in reading) throw refusalError(reading.refusal);
    const { definition } = reading.content;
    const typed = typeOfAttribute(view.catalog, definition);
    if ('errors' in typed) {
      throw new TesseraError('ATTRIBUTE_INVALID', 'The attribute does not fit the events of this sandbox.', typed);
    }
    const { identities } = preview;
    const asked = identities === undefined ? await samples(view) : askedIdentities(view, identities);
    const found = await view.profilesOf(asked.map(({ ref }) => ref));
    const policy = defaultMergePolicy(view.catalog);
    const attribute = compileAttribute(definition);
    const results: PreviewedValue[] = [];
    // One after another: each goes through all events of somebody.
    for (const [index, { identity, ref }] of asked.entries()) {
      const profile = selectedProfile(found[index], ref, policy);
      if (profile === undefined) results.push({ identity, found: false });
      else {
        const value = await fromEvents(view, attribute, profile.body.events, at);
        results.push({ identity, found: true, ...valueAnswer(value) });
      }
    }
    return { definition, type: typed.type, at: toRfc3339(at), results };
  }
}

/** No partials are kept of it, so every event in its window is looked at. */
async function fromEvents(
  { reader }: SandboxView,
  attribute: CompiledAttribute,
  sources: EventSources,
  at: number,
): Promise<AttributeValue> {
  const span = { from: windowStart(attribute.window, at), to: at };
  const reading = new AttributeReading(attribute, { slots: undefined, edges: [span] });
  for (const [ref, byDataset] of Object.entries(sources)) {
    await eachEvent(reader, timelineOwner(ref), span, (event) => {
      if (Object.hasOwn(byDataset, event.dataset)) reading.addEvent(event);
    });
  }
  return reading.finish();
}

function askedIdentities(view: SandboxView, identities: readonly Identity[]): readonly AskedIdentity[] {
  return identities.map(({ namespace, id }, index) => view.identity(namespace, id, `identities[${index}].namespace`));
}

/** Of each of the first profiles an identity that owns events, where one does. */
async function samples({ reader, catalog }: SandboxView): Promise<readonly AskedIdentity[]> {
  const documents = await reader.scan(PROFILES.name, {
    index: 'by_sandbox',
    equals: [catalog.sandbox, 1],
    limit: DEFAULT_PREVIEWED,
  });
  return documents.flatMap(({ body }) => {
    const { members, events } = JSON.parse(body) as ProfileBody;
    const owner = members.find(({ ref }) => events[ref] !== undefined) ?? members[0];
    return owner === undefined ? [] : [{ identity: { namespace: owner.namespace, id: owner.id }, ref: owner.ref }];
  });
}
