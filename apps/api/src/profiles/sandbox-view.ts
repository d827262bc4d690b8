import { namespaceOf, type SandboxCatalog } from '#catalog';
import { identityRef, TesseraError, type Identity, type IdentityRef, type NamingSecret, type Position } from '#core';
import { normaliseValue } from '#identity';
import { PROFILES, type ProfileBody } from '#read-models';
import type { DocumentReader, StoredDocument } from '#read-store';

import type { OpenVersion } from '../common/live-view.js';

/** A profile as the read model has it. */
export interface StoredProfile {
  /** Ref of its first member: the profile id. */
  readonly id: IdentityRef;
  /** Whether anything of it shows; a cluster of mere identities is no profile. */
  readonly exists: boolean;
  /** Of the commit that wrote it. */
  readonly position: Position;
  readonly body: ProfileBody;
}

/** An identity of a request, normalised as ingest does it. */
export interface AskedIdentity {
  readonly identity: Identity;
  readonly ref: IdentityRef;
}

/** What queries see of one sandbox: its catalog, and the read model at one moment. */
export class SandboxView {
  constructor(
    readonly catalog: SandboxCatalog,
    readonly version: OpenVersion,
    private readonly secret: NamingSecret,
    /** When it was opened, epoch milliseconds: what windows of time end at. */
    readonly now: number,
  ) {}

  get reader(): DocumentReader {
    return this.version.reader;
  }

  /** Throws `NAMESPACE_NOT_FOUND`. `path`: of the namespace in the request, where it has one. */
  identity(namespace: string, value: string, path?: string): AskedIdentity {
    const defined = namespaceOf(this.catalog, namespace);
    if (defined === undefined) {
      const message = 'There is no such namespace in this sandbox.';
      const errors = [{ path: path ?? 'namespace', message: 'is not a namespace of this sandbox' }];
      throw new TesseraError('NAMESPACE_NOT_FOUND', message, { errors });
    }
    const identity = { namespace: defined.code, id: normaliseValue(defined, value) };
    return { identity, ref: identityRef(this.secret, this.catalog.sandbox, identity) };
  }

  /** The profiles that these identities belong to, aligned with them. */
  async profilesOf(refs: readonly IdentityRef[]): Promise<readonly (StoredProfile | undefined)[]> {
    const found = await this.reader.findByMember(PROFILES.name, 'by_member', refs);
    return found.map((documents) => this.#own(latest(documents)));
  }

  /** What the graph knows of an identity, with or without a profile. Throws `PROFILE_NOT_FOUND`. */
  async clusterOf(ref: IdentityRef): Promise<StoredProfile> {
    const [profile] = await this.profilesOf([ref]);
    if (profile === undefined) throw profileNotFound();
    return profile;
  }

  /** Ids of profiles are given by clients, so they may be those of another sandbox. */
  #own(document: StoredDocument | undefined): StoredProfile | undefined {
    if (document === undefined || document.columns['sandbox'] !== this.catalog.sandbox) return undefined;
    return {
      id: document.key,
      exists: document.columns['exists'] === 1,
      position: document.position,
      body: JSON.parse(document.body) as ProfileBody,
    };
  }
}

/** Two only while a commit is half done. */
function latest(documents: readonly StoredDocument[]): StoredDocument | undefined {
  return documents.reduce<StoredDocument | undefined>(
    (best, one) => (best === undefined || best.position < one.position ? one : best),
    undefined,
  );
}

export function profileNotFound(): TesseraError {
  return new TesseraError('PROFILE_NOT_FOUND', 'There is no profile with this identity in this sandbox.');
}
