import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach } from '@jest/globals';
import { BSON, MongoClient, type Document } from 'mongodb';

import { LAYOUT } from '../../contract/read-store-fixture.js';
import { reportEngine } from '../engines.js';
import { answerTo, commandOf, startWireProxy, type Intercept, type Verdict, type WireProxy } from './wire-proxy.js';
import type { ReadStore } from '#read-store';
import { openMongoReadStore, type MongoReadStoreOptions } from '#read-store/mongodb';

export const CHECKPOINTS = /^versions$/;
export const DOCUMENTS = /^contract_v1_/;

/** Requests of one kind get the verdict, the first `times` of them; all others pass. */
export function onCommand(
  name: string,
  collection: RegExp,
  verdict: (request: Buffer, command: Document) => Verdict | Promise<Verdict>,
  times = Infinity,
): Intercept {
  let left = times;
  return (request) => {
    const bson = commandOf(request);
    const command = bson === undefined ? {} : BSON.deserialize(bson);
    const target: unknown = command[name];
    if (typeof target !== 'string' || !collection.test(target) || left === 0) return 'pass';
    left -= 1;
    return verdict(request, command);
  };
}

export function answer(document: Document): (request: Buffer) => Verdict {
  return (request) => answerTo(request, BSON.serialize(document));
}

/** Two stores on one database of its own: one behind a proxy that can do harm, and one beside it. New for each test. */
export class StoresForFaults {
  proxy!: WireProxy;
  /** Through the proxy. */
  store!: ReadStore;
  /** Straight to the server. */
  beside!: ReadStore;
  #database = '';
  #open: ReadStore[] = [];

  constructor(readonly url: () => string) {
    beforeEach(() => this.#start());
    afterEach(() => this.#stop());
  }

  async openStore(at: string, options: Omit<MongoReadStoreOptions, 'url' | 'database'> = {}): Promise<ReadStore> {
    const opened = await openMongoReadStore({ ...options, url: at, database: this.#database });
    reportEngine('read store', 'mongodb');
    this.#open.push(opened);
    return opened;
  }

  async checkpoint(): Promise<string | undefined> {
    return (await this.beside.checkpoint(LAYOUT))?.position;
  }

  /** Body of a note as the server has it. */
  async note(key: string): Promise<string | undefined> {
    return (await this.beside.reader(LAYOUT).get('notes', [key]))[0]?.body;
  }

  async collections(): Promise<string[]> {
    const client = new MongoClient(this.url());
    const found = await client.db(this.#database).listCollections({}, { nameOnly: true }).toArray();
    await client.close();
    return found.map(({ name }) => name);
  }

  async #start(): Promise<void> {
    this.#database = `tessera-test-${randomUUID()}`;
    this.#open = [];
    this.proxy = await startWireProxy(this.url());
    this.store = await this.openStore(`${this.proxy.url}&serverSelectionTimeoutMS=1500`);
    this.beside = await this.openStore(this.url());
  }

  async #stop(): Promise<void> {
    for (const opened of this.#open) await opened.close();
    await this.proxy.stop();
    const client = new MongoClient(this.url());
    await client
      .db(this.#database)
      .dropDatabase()
      .finally(() => client.close());
  }
}
