import {
  fragmentStream,
  identityRef,
  LruMap,
  type Identity,
  type IdentityRef,
  type NamingSecret,
  type SandboxId,
} from '#core';

/** The derived names of an owner's fragment. */
export interface FragmentName {
  readonly stream: string;
  /** Of the owner. */
  readonly ref: IdentityRef;
}

/** Some 60 MB at most. Three HMACs cost as much as all else on an item; the retail file, shuffled, has 130,000 owners. */
const REMEMBERED = 150_000;

/** Derives names of fragments and remembers the recently used ones; one for the process. */
export class FragmentNames {
  readonly #names = new LruMap<string, FragmentName>(REMEMBERED);

  constructor(private readonly secret: NamingSecret) {}

  of(sandbox: SandboxId, dataset: string, owner: Identity): FragmentName {
    // Only the value, which comes last, may contain a line feed.
    const key = `${sandbox}\n${dataset}\n${owner.namespace}\n${owner.id}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name: FragmentName = {
      stream: fragmentStream(this.secret, sandbox, dataset, owner),
      ref: identityRef(this.secret, sandbox, owner),
    };
    this.#names.set(key, name);
    return name;
  }
}
