/** What an identity of a namespace stands for. Decides in which order identities leave a cluster that is too large. */
export const ID_TYPES = [
  'COOKIE',
  'DEVICE',
  'CROSS_DEVICE',
  'EMAIL',
  'PHONE',
  'MOBILE',
  'NON_PEOPLE',
  'B2B_ACCOUNT',
  'B2B_ACCOUNT_PERSON',
  'B2B_OPPORTUNITY',
  'B2B_OPPORTUNITY_PERSON',
  'B2B_CAMPAIGN',
  'B2B_CAMPAIGN_MEMBER',
  'B2B_MARKETING_LIST',
  'B2B_MARKETING_LIST_MEMBER',
] as const;

export type IdType = (typeof ID_TYPES)[number];

/** A context for identity values, as HTTP answers it. Code, type and normalisation never change. */
export interface Namespace {
  /** As defined; compared without regard to case. */
  readonly code: string;
  readonly name: string;
  readonly idType: IdType;
  /** False: values are lower-cased before they are compared and stored. */
  readonly caseSensitive: boolean;
  /** Values are exactly this many decimal digits. */
  readonly digits?: number;
  /** Always there; not defined by an event. */
  readonly builtIn: boolean;
  /** RFC 3339; absent for built-in ones. */
  readonly createdAt?: string;
}

export type Namespaces = ReadonlyMap<string, Namespace>;

/** Under which a namespace is kept: codes compare without regard to case. They are ASCII, so no locale matters. */
export function namespaceKey(code: string): string {
  return code.toLowerCase();
}

/** E-mail addresses differ in case only by how people type them. */
export function caseSensitiveByDefault(idType: IdType): boolean {
  return idType !== 'EMAIL';
}

/** Whether identities of this type may enter the graph of people. */
export function isPeopleType(idType: IdType): boolean {
  return idType !== 'NON_PEOPLE' && !idType.startsWith('B2B_');
}
