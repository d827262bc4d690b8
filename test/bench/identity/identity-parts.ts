import { setTimeout as delay } from 'node:timers/promises';
import { summarize } from '../percentiles.js';
import type { ReadyRequest } from '../requests.js';
import { runIngest, runLookupsBeside } from '../threads.js';
import { defineIdentitySandbox, POLICY, type Settings } from './identity-catalog.js';
import {
  fillClusters,
  hubVisits,
  IdentityItems,
  overfillClusters,
  person,
  profilePath,
  repeatInClusters,
  visits,
  wideProfiles,
} from './identity-items.js';
import type { ClusterReport, HubReport, LinkingReport, LookupReport, Rates, WideReport } from './identity-report.js';
import type { ClusterScale, IdentityScales } from './identity-scales.js';

const UNIQUE: Settings = { unique: ['CRMID'] };
const THOUSAND = 1_000;

/** The parts of the scenario, each in a sandbox of its own, on one service. */
export class IdentityParts {
  readonly #items = new IdentityItems();

  constructor(
    private readonly url: string,
    private readonly scales: IdentityScales,
    private readonly announce: (step: string) => void,
  ) {}

  async warmUp(): Promise<void> {
    const { warmUpItems, itemsPerRequest } = this.scales;
    await this.#sandbox('warm-up', UNIQUE);
    await this.#flood('warm-up', this.#items.events(visits(this.#items, warmUpItems, warmUpItems, 2), itemsPerRequest));
    await this.#lookUp('warm-up', warmUpItems);
  }

  async linking(): Promise<LinkingReport> {
    const { people, browsersPerPerson, linkingItems, itemsPerRequest } = this.scales;
    await this.#sandbox('linking', UNIQUE);
    const pairs = [...visits(this.#items, 2 * linkingItems, people, browsersPerPerson)];
    const firstPairs = pairs.slice(0, linkingItems);
    return {
      people,
      browsersPerPerson,
      links: new Set(firstPairs.map(({ other: [, id] }) => id)).size,
      first: await this.#flood('linking', this.#items.events(firstPairs, itemsPerRequest)),
      again: await this.#flood('linking', this.#items.events(pairs.slice(linkingItems), itemsPerRequest)),
    };
  }

  async hub(kind: HubReport['kind']): Promise<HubReport> {
    const { hubLinks } = this.scales;
    const sandbox = kind === 'over the limit' ? 'hub-limit' : 'hub-owner';
    await this.#sandbox(sandbox, kind === 'over the limit' ? {} : UNIQUE);
    const thousands: number[] = [];
    for (let from = 0; from < hubLinks; from += THOUSAND) {
      const requests = this.#items.events(hubVisits(from, from + THOUSAND), THOUSAND / 2);
      thousands.push((await this.#flood(sandbox, requests)).visiblePerSecond);
    }
    return { kind, links: hubLinks, thousands };
  }

  async clusters(scale: ClusterScale): Promise<ClusterReport> {
    const { limit, clusters } = scale;
    const { itemsPerRequest } = this.scales;
    const sandbox = `clusters-${limit}`;
    await this.#sandbox(sandbox, { ...UNIQUE, maxIdentities: limit });
    return {
      limit,
      clusters,
      build: await this.#flood(sandbox, this.#items.events(fillClusters(scale), itemsPerRequest)),
      full: await this.#flood(sandbox, this.#items.events(repeatInClusters(this.#items, scale), itemsPerRequest)),
      lookupFull: await this.#lookUp(sandbox, clusters),
      over: await this.#flood(sandbox, this.#items.events(overfillClusters(this.#items, scale), itemsPerRequest)),
      lookupOver: await this.#lookUp(sandbox, clusters),
    };
  }

  async wide(): Promise<WideReport> {
    const { wideProfiles: profiles, wideIdentities: identities, itemsPerRequest } = this.scales;
    await this.#sandbox('wide', UNIQUE);
    for (const dataset of ['crm', 'loyalty'] as const) {
      const pairs = wideProfiles(profiles, identities);
      await this.#flood('wide', this.#items.records(dataset, pairs, itemsPerRequest));
    }
    return {
      profiles,
      identities,
      fragments: 2 * identities,
      lookup: await this.#lookUp('wide', profiles),
      lookupByPolicy: await this.#lookUp('wide', profiles, `?mergePolicy=${POLICY}`),
    };
  }

  async #sandbox(name: string, settings: Settings): Promise<void> {
    this.announce(name);
    await defineIdentitySandbox(this.url, name, settings);
  }

  async #flood(sandbox: string, requests: readonly ReadyRequest[]): Promise<Rates> {
    const { connections } = this.scales;
    const itemsPerRequest = requests[0]?.items ?? 0;
    const { items, acknowledgedMs, visibleMs } = await runIngest({
      url: this.url,
      sandbox,
      requests,
      how: { mode: 'flood', connections },
    });
    const acknowledgedPerSecond = (items * 1_000) / acknowledgedMs;
    const visiblePerSecond = (items * 1_000) / visibleMs;
    this.announce(`${sandbox}: ${items} items, visible ${Math.round(visiblePerSecond)}/s`);
    return { items, itemsPerRequest, connections, acknowledgedPerSecond, visiblePerSecond };
  }

  /** Looks the first people up in turn while nothing else goes on. */
  async #lookUp(sandbox: string, people: number, query = ''): Promise<LookupReport> {
    const { lookupsPerSecond: perSecond, lookupSeconds } = this.scales;
    const profilePaths = Array.from({ length: people }, (_, number) => profilePath(person(number)) + query);
    const task = { url: this.url, sandbox, profilePaths, ratePerSecond: perSecond };
    const { lookups } = await runLookupsBeside(task, () => delay(lookupSeconds * 1_000));
    const latency = summarize(lookups.latenciesMs);
    if (latency === undefined) throw new Error('nothing was looked up');
    return { perSecond, latency, failures: lookups.failures };
  }
}
