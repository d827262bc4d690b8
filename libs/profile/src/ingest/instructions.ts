import { formatPath, setOwn, type JsonObject, type JsonValue } from '#core';

import { rejected, type RejectedItem } from './prepared-item.js';

/** What an item asks for beside its data. */
export interface Instructions {
  readonly messageId?: string;
  /** -1 = the fragment must not exist. */
  readonly ifRevision?: number;
  /** Of upserts, not read yet. */
  readonly append?: JsonValue;
  readonly unset?: JsonValue;
}

/** What an item is sent as. */
export type ItemKind = 'record' | 'event' | 'upsert';

/** An item split into its data and its instructions. */
export interface InstructedItem {
  readonly outcome: 'split';
  readonly item: JsonObject;
  /** Undefined: the item has none, its text is its data. */
  readonly instructions: Instructions | undefined;
}

/** Longer ids are no ids; they cost the same once hashed, but somebody has to log them. */
const MAX_CLIENT_ID_CHARACTERS = 256;

export const CLIENT_ID_RULE = `must be a string of 1 to ${MAX_CLIENT_ID_CHARACTERS} characters`;

const DOLLAR = 0x24;

/** Takes out the keys that begin with `$`. Events may have none. */
export function splitInstructions(item: JsonObject, kind: ItemKind): InstructedItem | RejectedItem {
  if (!hasInstructions(item)) return { outcome: 'split', item, instructions: undefined };
  const data: Record<string, JsonValue> = {};
  const instructions: { -readonly [K in keyof Instructions]: Instructions[K] } = {};
  for (const [key, value] of Object.entries(item)) {
    if (key.charCodeAt(0) !== DOLLAR) {
      setOwn(data, key, value);
    } else if (kind !== 'event' && key === '$messageId') {
      if (!isClientId(value)) return wrong(key, CLIENT_ID_RULE);
      instructions.messageId = value;
    } else if (kind !== 'event' && key === '$ifRevision') {
      if (!isRevision(value)) return wrong(key, 'must be a revision: a whole number from 0, or -1 for no fragment');
      instructions.ifRevision = value;
    } else if (kind === 'upsert' && key === '$append') {
      instructions.append = value;
    } else if (kind === 'upsert' && key === '$unset') {
      instructions.unset = value;
    } else {
      return rejected('UNKNOWN_INSTRUCTION', [
        { path: formatPath([key]), keyword: 'UNKNOWN_INSTRUCTION', message: `is no instruction for ${kind}s` },
      ]);
    }
  }
  return { outcome: 'split', item: data, instructions };
}

/** Whether a value can be the id that a client gives an item. */
export function isClientId(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_CLIENT_ID_CHARACTERS;
}

function hasInstructions(item: JsonObject): boolean {
  for (const key in item) if (key.charCodeAt(0) === DOLLAR) return true;
  return false;
}

function isRevision(value: JsonValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= -1;
}

function wrong(path: string, message: string): RejectedItem {
  return rejected('SCHEMA_VIOLATION', [{ path, keyword: 'instruction', message }]);
}
