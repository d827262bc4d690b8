import { toRfc3339 } from '#core';

import type { IdType, Namespace } from './namespace.js';

export const NAMESPACE_DEFINED = 'NamespaceDefined';

export interface NamespaceDefined {
  readonly type: typeof NAMESPACE_DEFINED;
  readonly data: {
    readonly code: string;
    readonly name: string;
    readonly idType: IdType;
    /** Written out although it may follow from the type: a later default must not change what is in the log. */
    readonly caseSensitive: boolean;
  };
}

/** `at`: epoch milliseconds. */
export function evolveNamespace(event: NamespaceDefined, at: number): Namespace {
  return { ...event.data, builtIn: false, createdAt: toRfc3339(at) };
}
