import type { AttributeValue } from '#computed-attributes';
import { EACH, toRfc3339, type DataPath, type SandboxId } from '#core';
import type { DocumentReader } from '#read-store';

import type { ComputedValueAnswer, ComputedValues } from './computed-value.dto.js';
import { publishedAttributes, type PublishedAttribute } from './published-attributes.js';
import { readAttributes, type EventSources } from './read-attributes.js';

/** What is wanted of the computed attributes of profiles. */
export interface WantedAttributes {
  /** The moment as of which they are read, epoch milliseconds. */
  readonly at: number;
  /** As `?fields=` has it; all by default. */
  readonly fields: readonly DataPath[] | undefined;
}

const MEMBER = 'computedAttributes';
/** Profiles whose attributes are read at once: engines with a server answer several at a time. */
const AT_A_TIME = 16;

/** What of a profile is needed: whose events count in it, as its policy has selected them. */
type Counted = { readonly body: { readonly events: EventSources } };

/** The computed attributes of profiles, aligned with them. */
export async function attributesOf(
  { reader, catalog }: { readonly reader: DocumentReader; readonly catalog: { readonly sandbox: SandboxId } },
  profiles: readonly Counted[],
  { at, fields }: WantedAttributes,
): Promise<readonly ComputedValues[]> {
  const isWanted = wantedNames(fields);
  if (isWanted === undefined) return profiles.map(() => ({}));
  const attributes = (await publishedAttributes(reader, catalog.sandbox)).filter(({ name }) => isWanted(name));
  if (attributes.length === 0) return profiles.map(() => ({}));
  const answers: ComputedValues[] = [];
  for (let from = 0; from < profiles.length; from += AT_A_TIME) {
    const part = profiles.slice(from, from + AT_A_TIME);
    const values = await Promise.all(part.map(({ body }) => readAttributes(reader, attributes, body.events, at)));
    answers.push(...values.map((own) => answer(attributes, own)));
  }
  return answers;
}

function answer(attributes: readonly PublishedAttribute[], values: readonly AttributeValue[]): ComputedValues {
  return Object.fromEntries(
    attributes.map(({ name, complete, since }, index) => [
      name,
      {
        ...valueAnswer(values[index] as AttributeValue),
        complete,
        ...(!complete && { since: toRfc3339(since) }),
      },
    ]),
  );
}

/** A value as answers have it. */
export function valueAnswer({ at, ...value }: AttributeValue): Omit<ComputedValueAnswer, 'complete' | 'since'> {
  return { ...value, ...(at !== undefined && { at: toRfc3339(at) }) };
}

/** `undefined`: none is wanted. Of an attribute everything is answered, whatever of it is asked for. */
function wantedNames(fields: readonly DataPath[] | undefined): ((name: string) => boolean) | undefined {
  if (fields === undefined) return () => true;
  const below = fields.filter(([first]) => first === MEMBER).map(([, name]) => name);
  if (below.length === 0) return undefined;
  const names = new Set(below);
  return (name) => names.has(undefined) || names.has(EACH) || names.has(name);
}
