import {
  decodeCatalogEvent,
  decodeSystemEvent,
  emptyCatalog,
  evolveCatalog,
  evolveSandboxes,
  NO_SANDBOXES,
  type SandboxCatalog,
  type Sandboxes,
} from '#catalog';
import { decodeAttributeEvent, evolveAttributes, type ComputedAttributes } from '#computed-attributes';
import { STREAM_PREFIX, type SandboxId } from '#core';
import type { RecordedEvent } from '#event-log';

/** A state and the revision of the stream that it was folded from; -1 before the first event. */
export interface AtRevision<State> {
  readonly state: State;
  readonly revision: number;
}

/** The streams of which the catalog is made. */
export const CATALOG_STREAMS = [STREAM_PREFIX.system, STREAM_PREFIX.catalog] as const;

/** The sandboxes of the service and what is defined in each, folded from the log. */
export class CatalogState {
  #sandboxes: AtRevision<Sandboxes> = { state: NO_SANDBOXES, revision: -1 };
  readonly #catalogs = new Map<SandboxId, AtRevision<SandboxCatalog>>();
  /** In the same streams, so always at the revision of the catalog. */
  readonly #attributes = new Map<SandboxId, AtRevision<ComputedAttributes>>();

  get sandboxes(): AtRevision<Sandboxes> {
    return this.#sandboxes;
  }

  catalog(sandbox: SandboxId): AtRevision<SandboxCatalog> {
    return this.#catalogs.get(sandbox) ?? { state: emptyCatalog(sandbox), revision: -1 };
  }

  attributes(sandbox: SandboxId): AtRevision<ComputedAttributes> {
    return this.#attributes.get(sandbox) ?? { state: new Map(), revision: -1 };
  }

  /** Events that were applied before change nothing: a subscription that is taken up again repeats some. */
  apply(recorded: RecordedEvent): void {
    if (recorded.stream === STREAM_PREFIX.system) {
      this.#sandboxes = folded(this.#sandboxes, recorded, decodeSystemEvent, evolveSandboxes);
    } else if (recorded.stream.startsWith(STREAM_PREFIX.catalog)) {
      const sandbox = recorded.stream.slice(STREAM_PREFIX.catalog.length);
      this.#catalogs.set(sandbox, folded(this.catalog(sandbox), recorded, decodeCatalogEvent, evolveCatalog));
      this.#attributes.set(sandbox, folded(this.attributes(sandbox), recorded, decodeAttributeEvent, evolveAttributes));
    }
  }
}

function folded<State, Event>(
  before: AtRevision<State>,
  { revision, type, data, metadata }: RecordedEvent,
  decode: (type: string, data: string) => Event | undefined,
  evolve: (state: State, recorded: { readonly event: Event; readonly at: number }) => State,
): AtRevision<State> {
  if (revision <= before.revision) return before;
  const event = decode(type, data);
  if (event === undefined) return { state: before.state, revision };
  return { state: evolve(before.state, { event, at: Number(metadata['ingestedAt']) }), revision };
}
