import { hash } from 'node:crypto';

import { canonicalJson, TesseraError, type JsonValue } from '#core';

import type { ProjectionLayout, ProjectionVersion } from '../../read-store.js';
import type { Connection } from './connection.js';
import { createStatements, dropStatements, projectionTables, type ProjectionTables } from './tables.js';

/**
 * Which versions there are and what their tables look like. The layouts are kept in the database, so that a reader knows
 * them in a process that never deployed anything.
 */
export class Deployments {
  readonly #known = new Map<string, ProjectionTables>();

  constructor(private readonly connection: Connection) {}

  /** Throws `STORE_UNAVAILABLE` when the version is not deployed. */
  tables(version: ProjectionVersion): ProjectionTables {
    const known = this.#known.get(nameOf(version));
    if (known !== undefined) return known;
    const layout = this.#load(version);
    if (layout === undefined || layout.dropping) {
      throw new TesseraError('STORE_UNAVAILABLE', `${nameOf(version)} is not deployed in the read store now`);
    }
    const tables = projectionTables(layout);
    this.#known.set(nameOf(version), tables);
    return tables;
  }

  /** Throws `LAYOUT_DIFFERS` when the version is deployed with another layout. */
  deploy(layout: ProjectionLayout): void {
    const tables = projectionTables(layout);
    const fingerprint = fingerprintOf(layout);
    this.connection.immediate(() => {
      const deployed = this.#load(layout);
      if (deployed?.dropping === true) this.#finishDrop(deployed);
      else if (deployed !== undefined && deployed.fingerprint !== fingerprint) throw layoutDiffers(layout);
      for (const sql of [...tables.values()].flatMap(createStatements)) this.connection.execute(sql);
      this.connection
        .prepare('INSERT OR REPLACE INTO layouts (projection, version, fingerprint, layout) VALUES (?, ?, ?, ?)')
        .run(layout.projection, layout.version, fingerprint, JSON.stringify(layout.collections));
    });
  }

  /**
   * From here on the version is not there any more; what it takes on disk goes step by step, a transaction for each of
   * the answered functions. A drop that did not come to its end is finished by the next one, or by `deploy`.
   */
  beginDrop(version: ProjectionVersion): readonly (() => void)[] {
    const layout = this.#load(version);
    this.#known.delete(nameOf(version));
    if (layout === undefined) return [];
    this.connection
      .prepare('UPDATE layouts SET dropping = 1 WHERE projection = ? AND version = ?')
      .run(version.projection, version.version);
    const steps = [...dropsOf(layout).map((sql) => () => this.connection.execute(sql)), () => this.#remove(version)];
    // Deployed again meanwhile: the tables are new ones.
    return steps.map((step) => () => {
      if (this.#load(version)?.dropping === true) step();
    });
  }

  /** After another connection changed something. */
  forget(): void {
    this.#known.clear();
  }

  #finishDrop(layout: ProjectionLayout): void {
    for (const sql of dropsOf(layout)) this.connection.execute(sql);
    this.#remove(layout);
  }

  #remove({ projection, version }: ProjectionVersion): void {
    this.connection.prepare('DELETE FROM layouts WHERE projection = ? AND version = ?').run(projection, version);
  }

  #load({ projection, version }: ProjectionVersion): StoredLayout | undefined {
    const row = this.connection
      .prepare('SELECT layout, fingerprint, dropping FROM layouts WHERE projection = ? AND version = ?')
      .get(projection, version);
    if (row === undefined) return undefined;
    const [collections, fingerprint, dropping] = row as [string, string, number];
    const layout = JSON.parse(collections) as ProjectionLayout['collections'];
    return { projection, version, collections: layout, fingerprint, dropping: dropping === 1 };
  }
}

interface StoredLayout extends ProjectionLayout {
  readonly fingerprint: string;
  readonly dropping: boolean;
}

function dropsOf(layout: ProjectionLayout): string[] {
  return [...projectionTables(layout).values()].flatMap(dropStatements);
}

function fingerprintOf({ collections }: ProjectionLayout): string {
  const byName = [...collections].sort((a, b) => (a.name < b.name ? -1 : 1));
  return hash('sha256', canonicalJson(byName as unknown as JsonValue), 'hex');
}

function layoutDiffers(version: ProjectionVersion): TesseraError {
  return new TesseraError(
    'LAYOUT_DIFFERS',
    `${nameOf(version)} is deployed with other collections, columns or indexes`,
  );
}

function nameOf({ projection, version }: ProjectionVersion): string {
  return `${projection} v${version}`;
}
