import {
  AttributeReading,
  chunkOf,
  cutAt,
  joinSpans,
  type AttributeValue,
  type Level,
  type Span,
  type TimedEvent,
} from '#computed-attributes';
import type { JsonObject } from '#core';
import {
  datasetHash,
  datasetOfPartials,
  FIRST_CHUNK,
  LAST_CHUNK,
  PARTIALS,
  partialsPrefix,
  tieOf,
  TIMELINE,
  timelineOwner,
  type PartialsBody,
  type ProfileBody,
} from '#read-models';
import type { DocumentReader, ScanOptions, StoredDocument } from '#read-store';

import type { PublishedAttribute } from './published-attributes.js';

/** Whose events count: by owner, then by dataset, as profiles have them under their policy. */
export type EventSources = ProfileBody['events'];

const SCAN_PAGE = 1_000;

/**
 * What attributes are for somebody at a moment, aligned with them: whole slots from partials, and event by event what the
 * ends of windows cut. Costs reads of partials in proportion to the slots, and of events to those in two slots per window.
 */
export async function readAttributes(
  reader: DocumentReader,
  attributes: readonly PublishedAttribute[],
  sources: EventSources,
  at: number,
): Promise<readonly AttributeValue[]> {
  const readings = attributes.map(({ id, compiled }) => ({
    id,
    reading: new AttributeReading(compiled, cutAt(compiled, at)),
  }));
  const owners = Object.entries(sources).map(([ref, byDataset]) => ({
    owner: timelineOwner(ref),
    datasets: new Set(Object.keys(byDataset)),
  }));
  await Promise.all(
    owners.flatMap(({ owner, datasets }) => [
      ...levelsOf(readings).map((level) => addSlots(reader, readings, { owner, datasets, level })),
      addEdges(reader, readings, { owner, datasets }),
    ]),
  );
  return readings.map(({ reading }) => reading.finish());
}

interface NamedReading {
  /** Of the attribute. */
  readonly id: string;
  readonly reading: AttributeReading;
}

interface Source {
  readonly owner: string;
  readonly datasets: ReadonlySet<string>;
}

function levelsOf(readings: readonly NamedReading[]): readonly Level[] {
  return [
    ...new Set(readings.filter(({ reading }) => reading.cut.slots).map(({ reading }) => reading.attribute.level)),
  ];
}

async function addSlots(
  reader: DocumentReader,
  all: readonly NamedReading[],
  { owner, datasets, level }: Source & { readonly level: Level },
): Promise<void> {
  const readings = all.flatMap(({ id, reading }) => {
    const { slots } = reading.cut;
    return reading.attribute.level === level && slots !== undefined ? [{ id, reading, slots }] : [];
  });
  const first = readings.reduce((least, { slots }) => Math.min(least, slots.from), Number.POSITIVE_INFINITY);
  const last = readings.reduce((most, { slots }) => Math.max(most, slots.to), Number.NEGATIVE_INFINITY);
  const wanted = new Set([...datasets].map(datasetHash));
  const range = {
    from: partialsPrefix(owner, level, Math.max(chunkOf(level, first), FIRST_CHUNK)),
    to: partialsPrefix(owner, level, Math.min(chunkOf(level, last) + 1, LAST_CHUNK)),
  };
  await scanAll(reader, PARTIALS.name, range, ({ key, body }) => {
    if (!wanted.has(datasetOfPartials(key))) return;
    const partials = JSON.parse(body) as PartialsBody;
    for (const { id, reading, slots } of readings) {
      const own = partials[id];
      for (const slot in own) {
        const number = Number(slot);
        const partial = own[slot];
        if (partial !== undefined && slots.from <= number && number <= slots.to) reading.addPartial(partial);
      }
    }
  });
}

async function addEdges(
  reader: DocumentReader,
  readings: readonly NamedReading[],
  { owner, datasets }: Source,
): Promise<void> {
  const spans = joinSpans(readings.flatMap(({ reading }) => reading.cut.edges));
  await Promise.all(
    spans.map((span) =>
      eachEvent(reader, owner, span, (event) => {
        if (!datasets.has(event.dataset)) return;
        for (const { reading } of readings) reading.addEvent(event);
      }),
    ),
  );
}

/** Every event of an owner in a span, oldest first. `owner`: as `timelineOwner` has it. */
export async function eachEvent(
  reader: DocumentReader,
  owner: string,
  { from, to }: Span,
  visit: (event: TimedEvent) => void,
): Promise<void> {
  const range = {
    index: 'by_owner',
    equals: [owner],
    ...(from !== Number.NEGATIVE_INFINITY && { from }),
    to: to + 1,
  };
  await scanAll(reader, TIMELINE.name, range, ({ key, columns, body }) => {
    visit({
      dataset: columns['dataset'] as string,
      at: columns['at'] as number,
      tie: tieOf(key),
      data: JSON.parse(body) as JsonObject,
    });
  });
}

/** Page by page, so that however much there is only one page of it is held. */
async function scanAll(
  reader: DocumentReader,
  collection: string,
  range: Omit<ScanOptions, 'limit' | 'after'>,
  visit: (document: StoredDocument) => void,
): Promise<void> {
  for (let after: ScanOptions['after']; ;) {
    const found = await reader.scan(collection, { ...range, limit: SCAN_PAGE, ...(after && { after }) });
    found.forEach(visit);
    const last = found.at(-1);
    if (last === undefined || found.length < SCAN_PAGE) return;
    const at = last.columns['at'];
    after = { key: last.key, ...(range.index !== undefined && { value: at as number }) };
  }
}
