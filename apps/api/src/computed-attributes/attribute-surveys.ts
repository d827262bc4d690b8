import { setImmediate as nextTurn } from 'node:timers/promises';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';

import { defaultMergePolicy } from '#catalog';
import { Survey } from '#computed-attributes';
import { LruMap } from '#core';
import { PROFILES, type ProfileBody } from '#read-models';

import type { SandboxView } from '../profiles/sandbox-view.js';
import { selectedProfile } from '../profiles/selected-profile.js';
import type { PublishedAttribute } from './published-attributes.js';
import { readAttributes } from './read-attributes.js';

/** The values of all profiles at one moment. */
export interface TakenSurvey {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly complete: boolean;
  readonly survey: Survey;
}

/** So long one survey is answered to whoever asks: taking one reads every profile of the sandbox. */
const FRESH_MILLISECONDS = 60_000;
/** Attributes whose last survey is kept: each takes some 200 KB. */
const KEPT = 100;
/** Profiles of one page of the scan. */
const PAGE = 200;

interface Kept {
  readonly startedAt: number;
  readonly taken: Promise<TakenSurvey>;
}

/** Looks an attribute up in all profiles, one survey after another; what was found stands for a minute. */
@Injectable()
export class AttributeSurveys implements OnModuleDestroy {
  readonly #kept = new LruMap<string, Kept>(KEPT);
  #last: Promise<unknown> = Promise.resolve();
  #stopping = false;

  async onModuleDestroy(): Promise<void> {
    this.#stopping = true;
    await this.#last;
  }

  /** One that is at most a minute old, or a new one: rejects with what kept it from being taken. */
  survey(view: SandboxView, attribute: PublishedAttribute): Promise<TakenSurvey> {
    const name = `${view.catalog.sandbox} ${attribute.name} ${attribute.id}`;
    const known = this.#kept.get(name);
    if (known !== undefined && view.now - known.startedAt < FRESH_MILLISECONDS) return known.taken;
    const taken = this.#last.then(() => this.#take(view, attribute));
    const kept = { startedAt: view.now, taken };
    this.#kept.set(name, kept);
    this.#last = taken.catch(() => {
      // The next one who asks tries again.
      if (this.#kept.get(name) === kept) this.#kept.set(name, { ...kept, startedAt: Number.NEGATIVE_INFINITY });
    });
    return taken;
  }

  async #take(view: SandboxView, attribute: PublishedAttribute): Promise<TakenSurvey> {
    const { reader, catalog, now } = view;
    const policy = defaultMergePolicy(catalog);
    const survey = new Survey();
    for (let after: { readonly key: string } | undefined; ;) {
      const found = await reader.scan(PROFILES.name, {
        index: 'by_sandbox',
        equals: [catalog.sandbox, 1],
        limit: PAGE,
        ...(after && { after }),
      });
      for (const { key, position, body } of found) {
        if (this.#stopping) throw new Error('the service ends');
        const stored = { id: key, exists: true, position, body: JSON.parse(body) as ProfileBody };
        const profile = selectedProfile(stored, key, policy);
        if (profile === undefined) continue;
        const [value] = await readAttributes(reader, [attribute], profile.body.events, now);
        const number = Number(value?.value ?? Number.NaN);
        if (Number.isFinite(number)) survey.add({ value: number, profile: key });
      }
      const last = found.at(-1);
      if (last === undefined || found.length < PAGE) break;
      after = { key: last.key };
      // Whoever else asks this process for something comes in between.
      await nextTurn();
    }
    return { at: now, complete: attribute.complete, survey };
  }
}
