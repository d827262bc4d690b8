import { compileAttribute, type CompiledAttribute } from '#computed-attributes';
import { LruMap, type SandboxId } from '#core';
import { ATTRIBUTES, type AttributesBody, type FoldedAttribute } from '#read-models';
import type { DocumentReader } from '#read-store';

/** A published attribute, ready to be read. */
export interface PublishedAttribute extends FoldedAttribute {
  readonly name: string;
  readonly compiled: CompiledAttribute;
}

/** Sandboxes whose attributes are kept compiled. */
const KEPT = 200;
/** By what the document says of them. */
const kept = new LruMap<string, readonly PublishedAttribute[]>(KEPT);

/** The published attributes of a sandbox as the read model has them: those whose partials it keeps. By name. */
export async function publishedAttributes(
  reader: DocumentReader,
  sandbox: SandboxId,
): Promise<readonly PublishedAttribute[]> {
  const [document] = await reader.get(ATTRIBUTES.name, [sandbox]);
  if (document === undefined) return [];
  const known = kept.get(document.body);
  if (known !== undefined) return known;
  const { attributes } = JSON.parse(document.body) as AttributesBody;
  const published = Object.entries(attributes)
    .map(([name, folded]) => ({ name, ...folded, compiled: compileAttribute(folded.definition) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  kept.set(document.body, published);
  return published;
}
