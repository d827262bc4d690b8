import type { Entry, Session, StreamStage } from '#projection';

import { ATTRIBUTES, evolveFoldedAttributes, type AttributesBody } from './computed-documents.js';
import { foldItems } from './fold-items.js';
import {
  isFragmentChange,
  type AttributeChange,
  type LinkBlocking,
  type ProfileChange,
  type Reevaluation,
  type RulesChange,
} from './profile-change.js';
import type { ProfilePage } from './profile-page.js';
import { evolveRules, RULES, type RulesBody } from './rules.js';

/**
 * First stage: rules become part of their sandbox's, items of their fragments. All later stages find rules and attributes
 * loaded.
 */
export const foldStream: StreamStage<ProfileChange, ProfilePage> = {
  async load(entries, session, page) {
    const sandboxes = new Set(entries.map(({ value }) => value.metadata.sandbox));
    await session.load(RULES.name, sandboxes);
    await session.load(ATTRIBUTES.name, sandboxes);
    await foldItems.load(entries.filter(isFragmentChange), session, page);
  },

  apply(entry, session, page) {
    if (isFragmentChange(entry)) foldItems.apply(entry, session, page);
    else if (entry.value.kind === 'rules') applyRules(entry as Entry<RulesChange>, session);
    else if (entry.value.kind === 'attribute') applyAttribute(entry as Entry<AttributeChange>, session);
    else if (entry.value.kind === 'filling') page.filled.push(entry.value.range);
    else if (entry.value.kind === 'blocking') page.blocked.push(entry as Entry<LinkBlocking>);
    else page.reevaluated.push((entry.value as Reevaluation).range);
  },
};

/** What comes again, or comes late because it was parked, is in the document or behind it. */
function applyRules({ value, revision }: Entry<RulesChange>, session: Session): void {
  const { sandbox } = value.metadata;
  const before = session.get<RulesBody>(RULES.name, sandbox)?.value;
  if (before !== undefined && before.revision >= revision) return;
  session.put(RULES.name, sandbox, {}, evolveRules(before, { sandbox, revision, event: value.event }));
}

function applyAttribute({ value, revision }: Entry<AttributeChange>, session: Session): void {
  const { metadata, event, at } = value;
  const { sandbox } = metadata;
  const before = session.get<AttributesBody>(ATTRIBUTES.name, sandbox)?.value;
  if (before !== undefined && before.revision >= revision) return;
  session.put(ATTRIBUTES.name, sandbox, {}, evolveFoldedAttributes(before, { sandbox, revision, event, at }));
}
