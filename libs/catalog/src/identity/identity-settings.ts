/** What a sandbox decides about its identity graph, as HTTP answers it. */
export interface IdentitySettings {
  /** Codes of namespaces of which a person has one identity at most. */
  readonly unique: readonly string[];
  /** Codes of namespaces, the best first. Decides who owns an event, and between links of the same time. */
  readonly priority: readonly string[];
  /** How many identities a cluster holds at most. */
  readonly maxIdentities: number;
  /** Values that never become identities, besides those that never do in any sandbox. */
  readonly blockedValues: readonly string[];
  /** 0 as long as nobody changed them. */
  readonly version: number;
  /** RFC 3339; absent as long as nobody changed them. */
  readonly updatedAt?: string;
}

/** Of every sandbox at first. The limit is that of the reference platform. */
export const DEFAULT_IDENTITY_SETTINGS: IdentitySettings = {
  unique: [],
  priority: [],
  maxIdentities: 50,
  blockedValues: [],
  version: 0,
};
