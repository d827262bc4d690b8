import { caseSensitiveByDefault, namespaceKey, type IdType, type Namespace, type Namespaces } from './namespace.js';

type Difference = Partial<Pick<Namespace, 'caseSensitive' | 'digits'>>;

const builtIn = (code: string, name: string, idType: IdType, difference: Difference = {}): Namespace => ({
  code,
  name,
  idType,
  caseSensitive: caseSensitiveByDefault(idType),
  builtIn: true,
  ...difference,
});

/** Hexadecimal digests are the same in both cases. */
const HEX = { caseSensitive: false } as const;

/** In every sandbox from the start. */
export const BUILT_IN_NAMESPACES: Namespaces = new Map(
  [
    builtIn('ECID', 'Experience Cloud ID', 'COOKIE', { digits: 38 }),
    builtIn('Email', 'Email', 'EMAIL'),
    builtIn('Phone', 'Phone', 'PHONE'),
    builtIn('AAID', 'Google Ad ID (AAID)', 'DEVICE'),
    builtIn('GAID', 'Google Ad ID (GAID)', 'DEVICE'),
    builtIn('IDFA', 'Apple Identifier for Advertisers', 'DEVICE'),
    builtIn('Email_LC_SHA256', 'Email (SHA-256, lower-cased)', 'EMAIL', HEX),
    builtIn('Phone_SHA256', 'Phone (SHA-256)', 'PHONE', HEX),
    builtIn('b2b_person', 'B2B person', 'CROSS_DEVICE'),
    builtIn('b2b_account', 'B2B account', 'B2B_ACCOUNT'),
    builtIn('b2b_account_person_relation', 'B2B account-person relation', 'B2B_ACCOUNT_PERSON'),
    builtIn('b2b_opportunity', 'B2B opportunity', 'B2B_OPPORTUNITY'),
    builtIn('b2b_opportunity_person_relation', 'B2B opportunity-person relation', 'B2B_OPPORTUNITY_PERSON'),
    builtIn('b2b_campaign', 'B2B campaign', 'B2B_CAMPAIGN'),
    builtIn('b2b_campaign_member', 'B2B campaign member', 'B2B_CAMPAIGN_MEMBER'),
    builtIn('b2b_marketing_list', 'B2B marketing list', 'B2B_MARKETING_LIST'),
    builtIn('b2b_marketing_list_member', 'B2B marketing list member', 'B2B_MARKETING_LIST_MEMBER'),
  ].map((namespace) => [namespaceKey(namespace.code), namespace]),
);
