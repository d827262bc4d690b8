/** How much is sent, and how fast, in one run of the identity scenario. */
export interface IdentityScales {
  readonly warmUpItems: number;
  readonly people: number;
  readonly browsersPerPerson: number;
  /** Of each of the two rounds. */
  readonly linkingItems: number;
  readonly itemsPerRequest: number;
  readonly connections: number;
  /** In steps of a thousand. */
  readonly hubLinks: number;
  readonly clusters: readonly ClusterScale[];
  readonly wideProfiles: number;
  readonly wideIdentities: number;
  readonly lookupsPerSecond: number;
  readonly lookupSeconds: number;
}

export interface ClusterScale {
  readonly limit: number;
  readonly clusters: number;
  /** Identities that are linked to the person; the others are linked to one of these. */
  readonly inner: number;
  readonly fullItems: number;
  readonly overItems: number;
}

const FULL: IdentityScales = {
  warmUpItems: 20_000,
  people: 100_000,
  browsersPerPerson: 2,
  linkingItems: 200_000,
  itemsPerRequest: 2_000,
  connections: 2,
  hubLinks: 10_000,
  // No identity has more links than are considered, 200, so that it is the limit that decides.
  clusters: [
    { limit: 50, clusters: 400, inner: 4, fullItems: 20_000, overItems: 4_000 },
    { limit: 500, clusters: 40, inner: 19, fullItems: 4_000, overItems: 400 },
  ],
  wideProfiles: 200,
  wideIdentities: 50,
  lookupsPerSecond: 100,
  lookupSeconds: 20,
};

/** For a look in about a minute: the tails are of few values. */
const QUICK: IdentityScales = {
  ...FULL,
  warmUpItems: 5_000,
  people: 10_000,
  linkingItems: 20_000,
  clusters: FULL.clusters.map((scale) => ({
    ...scale,
    clusters: scale.clusters / 4,
    fullItems: scale.fullItems / 4,
    overItems: scale.overItems / 4,
  })),
  wideProfiles: 40,
  lookupSeconds: 5,
};

export function identityScales(quick: boolean): IdentityScales {
  return quick ? QUICK : FULL;
}
