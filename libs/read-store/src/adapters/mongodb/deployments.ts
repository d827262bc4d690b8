import { hash } from 'node:crypto';

import { canonicalJson, POSITION_START, SharedLooks, TesseraError, type JsonValue } from '#core';

import type { ProjectionLayout, ProjectionVersion } from '../../read-store.js';
import { belongsTo, indexesOf, nameOf, projectionCollections, type ProjectionCollections } from './collections.js';
import type { Connection } from './connection.js';
import { isDuplicateKey } from './store-errors.js';
import { VERSIONS, type VersionRecord } from './version-record.js';

export interface Deployment {
  readonly generation: number;
  readonly collections: ProjectionCollections;
}

interface Looked {
  readonly deployment: Deployment;
  readonly record: VersionRecord;
}

/**
 * Which versions there are and what their collections look like. The layouts are kept in the database, so that a reader
 * knows them in a process that never deployed anything.
 */
export class Deployments {
  readonly #known = new Map<string, Deployment>();
  readonly #looks = new SharedLooks<string, Looked>();

  constructor(private readonly connection: Connection) {}

  /** As it was when this process last looked. Throws `STORE_UNAVAILABLE` when the version is not deployed. */
  async find(version: ProjectionVersion): Promise<Deployment> {
    return this.#known.get(nameOf(version)) ?? this.look(version).then(({ deployment }) => deployment);
  }

  /** As it is now. */
  async look(version: ProjectionVersion): Promise<Looked> {
    const name = nameOf(version);
    const record = await this.#records.findOne({ _id: name });
    if (record?.state !== 'ready') {
      this.#known.delete(name);
      throw notDeployed(version);
    }
    const known = this.#known.get(name);
    if (known?.generation === record.generation) return { deployment: known, record };
    const layout = { ...version, collections: JSON.parse(record.layout) as ProjectionLayout['collections'] };
    const deployment = {
      generation: record.generation,
      collections: projectionCollections(layout, record.generation),
    };
    this.#known.set(name, deployment);
    return { deployment, record };
  }

  /** Throws `STORE_UNAVAILABLE` when the version was dropped meanwhile: its collections would look empty. */
  async requireStill(version: ProjectionVersion, { generation }: Deployment): Promise<void> {
    const { deployment } = await this.#looks.look(nameOf(version), () => this.look(version));
    if (deployment.generation !== generation) throw notDeployed(version);
  }

  /** Throws `LAYOUT_DIFFERS` when the version is deployed with another layout. */
  async deploy(layout: ProjectionLayout): Promise<void> {
    const fingerprint = fingerprintOf(layout);
    // Whoever is first with a step wins it; the others look again.
    for (;;) {
      const generation = await this.#begin(layout, fingerprint);
      if (generation === undefined) continue;
      await this.#create(projectionCollections(layout, generation));
      const found = { _id: nameOf(layout), generation, state: { $in: ['creating', 'ready'] } } as const;
      const { matchedCount } = await this.#records.updateOne(found, { $set: { state: 'ready' } });
      if (matchedCount > 0) return;
    }
  }

  /**
   * From the first step on the version is not there any more. A drop that did not come to its end is finished by the next
   * one, or by `deploy`.
   */
  async drop(version: ProjectionVersion): Promise<void> {
    const name = nameOf(version);
    this.#known.delete(name);
    await this.#records.updateOne(
      { _id: name, state: { $in: ['creating', 'ready'] } },
      { $set: { state: 'dropping', claimed: false, position: POSITION_START }, $unset: { ingestedAt: true } },
    );
    const record = await this.#records.findOne({ _id: name });
    if (record === null || record.state === 'creating' || record.state === 'ready') return;
    await this.#dropCollections(version, record.generation);
    await this.#records.updateOne(
      { _id: name, state: 'dropping', generation: record.generation },
      { $set: { state: 'dropped' } },
    );
  }

  /** Answers the generation to be created, `undefined` when somebody else was faster. */
  async #begin(layout: ProjectionLayout, fingerprint: string): Promise<number | undefined> {
    const _id = nameOf(layout);
    projectionCollections(layout, 1);
    const described = { fingerprint, layout: JSON.stringify(layout.collections), state: 'creating' } as const;
    const record = await this.#records.findOne({ _id });
    if (record === null) return this.#insert({ _id, ...described });
    const { state, generation } = record;
    if (state === 'creating' || state === 'ready') {
      if (record.fingerprint !== fingerprint) throw layoutDiffers(layout);
      return generation;
    }
    await this.#dropCollections(layout, generation);
    const { matchedCount } = await this.#records.updateOne(
      { _id, state, generation },
      { $set: { ...described, generation: generation + 1 } },
    );
    return matchedCount > 0 ? generation + 1 : undefined;
  }

  async #insert(
    described: Pick<VersionRecord, '_id' | 'fingerprint' | 'layout' | 'state'>,
  ): Promise<number | undefined> {
    try {
      const start = { generation: 1, epoch: 0, token: 0, claimed: false, position: POSITION_START };
      await this.#records.insertOne({ ...described, ...start });
      return 1;
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  /** Creating an index creates its collection; what is there already stays. */
  async #create(collections: ProjectionCollections): Promise<void> {
    for (const collection of collections.values()) {
      await this.connection.documents(collection.name).createIndexes(indexesOf(collection));
    }
  }

  /** By their names: so also what a late writer brought back. */
  async #dropCollections(version: ProjectionVersion, generation: number): Promise<void> {
    for (const name of await this.connection.collectionNames()) {
      if (belongsTo(version, generation, name)) await this.connection.documents(name).drop();
    }
  }

  get #records() {
    return this.connection.records<VersionRecord>(VERSIONS);
  }
}

function fingerprintOf({ collections }: ProjectionLayout): string {
  const byName = [...collections].sort((a, b) => (a.name < b.name ? -1 : 1));
  return hash('sha256', canonicalJson(byName as unknown as JsonValue), 'hex');
}

function notDeployed(version: ProjectionVersion): TesseraError {
  return new TesseraError('STORE_UNAVAILABLE', `${nameOf(version)} is not deployed in the read store now`);
}

function layoutDiffers(version: ProjectionVersion): TesseraError {
  return new TesseraError(
    'LAYOUT_DIFFERS',
    `${nameOf(version)} is deployed with other collections, columns or indexes`,
  );
}
