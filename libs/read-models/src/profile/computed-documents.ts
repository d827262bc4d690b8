import { hash } from 'node:crypto';

import {
  chunkOf,
  COMPUTED_ATTRIBUTE_DEFINED,
  COMPUTED_ATTRIBUTE_DELETED,
  COMPUTED_ATTRIBUTE_DISABLED,
  COMPUTED_ATTRIBUTE_FAILED,
  COMPUTED_ATTRIBUTE_FILLED_IN,
  COMPUTED_ATTRIBUTE_PUBLISHED,
  type AttributeDefinition,
  type AttributeEvent,
  type Level,
  type Partial,
} from '#computed-attributes';
import { LruMap, type SandboxId } from '#core';
import type { CollectionSpec } from '#read-store';

/** A published attribute as the fold knows it. */
export interface FoldedAttribute {
  /** Names its partials; no attribute of the sandbox had it before. */
  readonly id: string;
  readonly definition: AttributeDefinition;
  /** Of the job that fills it in. */
  readonly job: string;
  /** When it was published, epoch milliseconds. */
  readonly since: number;
  /** What had come in before that is counted, too. */
  readonly complete: boolean;
}

/** The published attributes of a sandbox at one place of the log: those that partials are kept of. */
export interface AttributesBody {
  readonly sandbox: SandboxId;
  /** Of the catalog stream: that of the last event in here. */
  readonly revision: number;
  readonly attributes: { readonly [name: string]: FoldedAttribute };
}

/** One document per sandbox that ever published an attribute. */
export const ATTRIBUTES = {
  name: 'computed_attributes',
  key: 'text',
  columns: {},
  indexes: [],
} as const satisfies CollectionSpec;

/** Partials by attribute's id, then by number of slot. */
export interface PartialsBody {
  readonly [attribute: string]: { readonly [slot: string]: Partial };
}

/** One document per owner, level, chunk and dataset with anything that counts; see `partialsKey`. */
export const PARTIALS = { name: 'partials', key: 'hash', columns: {}, indexes: [] } as const satisfies CollectionSpec;

/** Below 0 there are slots of times before 1970. */
const CHUNK_OFFSET = 0x8000_0000;
/** What keys can tell apart: more than there are milliseconds of dates. */
export const FIRST_CHUNK = -CHUNK_OFFSET;
export const LAST_CHUNK = CHUNK_OFFSET - 1;

/** What the keys of an owner's partials of one level begin with, up to a chunk. `owner`: as `timelineOwner` has it. */
export function partialsPrefix(owner: string, level: Level, chunk: number): string {
  return owner + level.code + (chunk + CHUNK_OFFSET).toString(16).padStart(8, '0');
}

/** The partials of an owner, level by level in the order of time, so that a window is one range of keys. */
export function partialsKey(owner: string, level: Level, slot: number, dataset: string): string {
  return partialsPrefix(owner, level, chunkOf(level, slot)) + datasetHash(dataset);
}

const DATASET_DIGITS = 16;

/** Few, and each is asked for with every event. */
const datasetHashes = new LruMap<string, string>(1_000);

/** As fragments know a dataset: 64 bits. */
export function datasetHash(dataset: string): string {
  const known = datasetHashes.get(dataset);
  if (known !== undefined) return known;
  const hashed = hash('sha256', dataset, 'hex').slice(0, DATASET_DIGITS);
  datasetHashes.set(dataset, hashed);
  return hashed;
}

export function datasetOfPartials(key: string): string {
  return key.slice(-DATASET_DIGITS);
}

/** What decides between events of one moment: the fingerprint of the event's id in its timeline key, 64 bits of it. */
export function tieOf(timelineKey: string): string {
  return timelineKey.slice(16, 32);
}

/** `at`: ingestion time of the event, epoch milliseconds. */
export function evolveFoldedAttributes(
  before: AttributesBody | undefined,
  { sandbox, revision, event, at }: { sandbox: SandboxId; revision: number; event: AttributeEvent; at: number },
): AttributesBody {
  const attributes = new Map(Object.entries(before?.attributes ?? {}));
  const { name } = event.data;
  const known = attributes.get(name);
  switch (event.type) {
    case COMPUTED_ATTRIBUTE_PUBLISHED: {
      const { definition, job } = event.data;
      attributes.set(name, { id: revision.toString(36), definition, job, since: at, complete: false });
      break;
    }
    case COMPUTED_ATTRIBUTE_FILLED_IN:
      if (known !== undefined) attributes.set(name, { ...known, complete: true });
      break;
    case COMPUTED_ATTRIBUTE_DISABLED:
    case COMPUTED_ATTRIBUTE_FAILED:
      attributes.delete(name);
      break;
    case COMPUTED_ATTRIBUTE_DEFINED:
    case COMPUTED_ATTRIBUTE_DELETED:
      break;
  }
  return { sandbox, revision, attributes: Object.fromEntries(attributes) };
}

/** Of drafts and titles the fold need not know. */
export function isFoldedAttributeEvent(type: string): boolean {
  return FOLDED.has(type);
}

const FOLDED: ReadonlySet<string> = new Set<AttributeEvent['type']>([
  COMPUTED_ATTRIBUTE_PUBLISHED,
  COMPUTED_ATTRIBUTE_FILLED_IN,
  COMPUTED_ATTRIBUTE_DISABLED,
  COMPUTED_ATTRIBUTE_FAILED,
]);
