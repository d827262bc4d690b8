import type { Entry, Session, StreamStage } from '#projection';

import { foldItems } from './fold-items.js';
import {
  isFragmentChange,
  type LinkBlocking,
  type ProfileChange,
  type Reevaluation,
  type RulesChange,
} from './profile-change.js';
import type { ProfilePage } from './profile-page.js';
import { evolveRules, RULES, type RulesBody } from './rules.js';

/** First stage: rules become part of their sandbox's, items of their fragments. All later stages find the rules loaded. */
export const foldStream: StreamStage<ProfileChange, ProfilePage> = {
  async load(entries, session, page) {
    await session.load(RULES.name, new Set(entries.map(({ value }) => value.metadata.sandbox)));
    await foldItems.load(entries.filter(isFragmentChange), session, page);
  },

  apply(entry, session, page) {
    if (isFragmentChange(entry)) foldItems.apply(entry, session, page);
    else if (entry.value.kind === 'rules') applyRules(entry as Entry<RulesChange>, session);
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
