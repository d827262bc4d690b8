import type { JsonObject } from '#core';

import type { JsonAnswer } from './fetch-json.js';
import { waitForJob, type EndedJob } from './jobs.js';
import type { Service } from './service.js';

/** An identity as specs write it down: `CRMID:7`. */
export type Named = string;

export function identityOf(named: Named): { readonly namespace: string; readonly id: string } {
  const colon = named.indexOf(':');
  return { namespace: named.slice(0, colon), id: named.slice(colon + 1) };
}

export interface LinkSeen {
  /** In the order of their names. */
  readonly ends: readonly [Named, Named];
  readonly state: string;
  readonly reason?: string;
  readonly by?: string;
  readonly datasets: readonly string[];
}

/** The identity graph of one sandbox, as requests see it. Every read sees at least the last write that was made here. */
export class IdentityGraph {
  #token: string | undefined;
  readonly #asked = new Set<Named>();

  constructor(
    private readonly service: () => Service,
    readonly sandbox?: string,
  ) {}

  /** All identities that were asked for so far. */
  get asked(): readonly Named[] {
    return [...this.#asked].sort();
  }

  async fetch(path: string, request: { readonly method?: string; readonly body?: unknown } = {}): Promise<JsonAnswer> {
    const answer = await this.service().fetch(path, {
      ...request,
      ...(this.sandbox !== undefined && { sandbox: this.sandbox }),
      token: this.#token,
    });
    if (answer.token !== undefined && (this.#token === undefined || answer.token > this.#token)) {
      this.#token = answer.token;
    }
    return answer;
  }

  /** Sends items that must all be accepted; `path` such as `crm/records`. */
  async given(path: string, items: readonly JsonObject[]): Promise<void> {
    const { status, body } = await this.fetch(`/v1/datasets/${path}`, { body: items });
    if (status !== 202) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  }

  /** Changes the settings and waits until every profile follows them. */
  async settings(settings: JsonObject): Promise<EndedJob> {
    return this.done(await this.startSettings(settings));
  }

  /** Changes the settings; answers the job. */
  async startSettings(settings: JsonObject): Promise<string> {
    const { status, body } = await this.fetch('/v1/identity-settings', { method: 'PUT', body: settings });
    if (status !== 202) throw new Error(`settings: ${status} ${JSON.stringify(body)}`);
    return (body as { job: string }).job;
  }

  async done(job: string): Promise<EndedJob> {
    const ended = await waitForJob(this.service(), job, this.sandbox);
    if (ended.state !== 'succeeded') throw new Error(JSON.stringify(ended));
    return ended;
  }

  block(a: Named, b: Named, reason = 'a test says so', by?: string): Promise<JsonAnswer> {
    return this.#judge('block', a, b, reason, by);
  }

  unblock(a: Named, b: Named, reason = 'a test says so'): Promise<JsonAnswer> {
    return this.#judge('unblock', a, b, reason);
  }

  #judge(verdict: string, a: Named, b: Named, reason: string, by?: string): Promise<JsonAnswer> {
    const body = { a: identityOf(a), b: identityOf(b), reason, ...(by !== undefined && { by }) };
    return this.fetch(`/v1/identity-links/${verdict}`, { body });
  }

  profile(named: Named, query = ''): Promise<JsonAnswer> {
    this.#asked.add(named);
    return this.fetch(`${pathOf(named)}${query}`);
  }

  /** All identities of somebody's cluster, sorted; none when nobody knows the identity. */
  async cluster(named: Named): Promise<readonly Named[]> {
    this.#asked.add(named);
    const { status, body } = await this.fetch(`${pathOf(named)}/identities?limit=1`);
    return status === 200 ? namesOf(body as Members) : [];
  }

  /** The clusters of several, each once. */
  async clusters(...all: readonly Named[]): Promise<readonly (readonly Named[])[]> {
    const found = new Map<string, readonly Named[]>();
    for (const one of all) {
      const members = await this.cluster(one);
      found.set(members.join(), members);
    }
    return [...found.values()].sort((a, b) => (String(a) < String(b) ? -1 : 1));
  }

  /** All links of somebody's cluster, page by page. */
  async links(named: Named): Promise<readonly LinkSeen[]> {
    this.#asked.add(named);
    const links: LinkSeen[] = [];
    for (let next: string | undefined = ''; next !== undefined;) {
      const { body } = await this.fetch(`${pathOf(named)}/identities?limit=500${next && `&cursor=${next}`}`);
      const page = body as { links: readonly (JsonObject & { a: Pair; b: Pair })[]; next?: string };
      for (const { a, b, first: _first, last: _last, ...link } of page.links) {
        links.push({ ends: [nameOf(a), nameOf(b)].sort() as [Named, Named], ...link } as unknown as LinkSeen);
      }
      ({ next } = page);
    }
    return links.sort((a, b) => (a.ends.join() < b.ends.join() ? -1 : 1));
  }

  /** Everything that is answered about identities: profile, links, timeline. */
  async answersAbout(all: readonly Named[]): Promise<Readonly<Record<Named, unknown>>> {
    const answers: Record<Named, unknown> = {};
    for (const named of all) {
      const path = pathOf(named);
      const [profile, identities, events] = await Promise.all([
        this.fetch(path),
        this.fetch(`${path}/identities?limit=1000`),
        this.fetch(`${path}/events?limit=1000`),
      ]);
      answers[named] = [profile, identities, events].map(({ status, body }) => [status, steady(body)]);
    }
    return answers;
  }

  async projection(operation: 'rebuild' | 'verify'): Promise<EndedJob> {
    const { body } = await this.fetch(`/v1/projections/profile/${operation}`, { method: 'POST' });
    return this.done((body as { job: string }).job);
  }
}

interface Pair {
  readonly namespace: string;
  readonly id: string;
}
interface Members {
  readonly identities: readonly Pair[];
}

function nameOf({ namespace, id }: Pair): Named {
  return `${namespace}:${id}`;
}

export function namesOf({ identities }: Members): readonly Named[] {
  return identities.map(nameOf).sort();
}

function pathOf(named: Named): string {
  const { namespace, id } = identityOf(named);
  return `/v1/profiles/${namespace}/${encodeURIComponent(id)}`;
}

/** Problems without the id of their request. */
function steady(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('requestId' in body)) return body;
  const { requestId: _requestId, ...rest } = body;
  return rest;
}
