import {
  formatPath,
  isJsonArray,
  isJsonObject,
  parsePath,
  type ErrorCode,
  type FieldError,
  type JsonObject,
  type JsonValue,
} from '#core';

import type { Append, KeyPath } from '../patch.js';
import { rejected, type RejectedItem } from './prepared-item.js';

/** What the schema of the dataset says of patches; `PatchRules` of the catalog is such a thing. */
export interface PatchSchema {
  /** The first five errors of the data of a patch. */
  readonly validate: (data: JsonObject) => readonly FieldError[];
  /** Of an object that has only what is appended. */
  readonly validateAppended: (appended: JsonObject) => readonly FieldError[];
  readonly placeOf: (path: KeyPath) => { readonly type: string; readonly required: boolean } | undefined;
}

export interface PatchInstructions {
  readonly append: readonly Append[];
  readonly unset: readonly KeyPath[];
}

const MAX_ERRORS = 5;
/** An item of the largest size could name fifty thousand paths, each of which copies the objects on its way. */
export const MAX_PATCH_PATHS = 1_000;

/** Reads `$append` and `$unset`, or says what is wrong with them. Elements are judged by `validateAppended` afterwards. */
export function readPatchInstructions(
  schema: PatchSchema,
  appendValue: JsonValue | undefined,
  unsetValue: JsonValue | undefined,
): PatchInstructions | RejectedItem {
  const faults = new Faults();
  const append = appendValue === undefined ? [] : readAppend(schema, appendValue, faults);
  const unset = unsetValue === undefined ? [] : readUnset(schema, unsetValue, faults);
  return faults.errors.length > 0 ? rejected('SCHEMA_VIOLATION', faults.errors) : { append, unset };
}

function readAppend(schema: PatchSchema, value: JsonValue, faults: Faults): readonly Append[] {
  if (!isJsonObject(value)) return faults.at('$append', 'must be an object of paths and the items to append');
  const entries = Object.entries(value);
  if (entries.length > MAX_PATCH_PATHS) return faults.at('$append', `must have at most ${MAX_PATCH_PATHS} paths`);
  return entries.flatMap(([text, items]): readonly Append[] => {
    const place = formatPath(['$append', text]);
    const path = keysOf(text);
    if (path === undefined) return faults.at(place, PATH_RULE);
    const declared = schema.placeOf(path);
    if (declared === undefined) return faults.at(place, UNDECLARED);
    if (declared.type !== 'array' && declared.type !== 'any') return faults.at(place, 'must be the path of an array');
    if (!isJsonArray(items)) return faults.at(place, 'must be an array of items to append');
    return [{ path, items }];
  });
}

function readUnset(schema: PatchSchema, value: JsonValue, faults: Faults): readonly KeyPath[] {
  if (!isJsonArray(value)) return faults.at('$unset', 'must be an array of paths');
  if (value.length > MAX_PATCH_PATHS) return faults.at('$unset', `must have at most ${MAX_PATCH_PATHS} paths`);
  return value.flatMap((text, index): readonly KeyPath[] => {
    const place = formatPath(['$unset', index]);
    const path = typeof text === 'string' ? keysOf(text) : undefined;
    if (path === undefined) return faults.at(place, PATH_RULE);
    const declared = schema.placeOf(path);
    if (declared === undefined) return faults.at(place, UNDECLARED);
    if (declared.required) return faults.at(place, 'is required by the schema and cannot be removed', 'required');
    return [path];
  });
}

const PATH_RULE = 'must be a path such as person.name.first, through objects only';
const UNDECLARED = 'is not declared in the schema';

function keysOf(text: string): KeyPath | undefined {
  const path = parsePath(text);
  const keys = path?.filter((step) => typeof step === 'string');
  return keys?.length === path?.length ? keys : undefined;
}

/** Gathers what is wrong; every fault stands for nothing in the place of what could not be read. */
class Faults {
  readonly errors: FieldError[] = [];

  at(path: string, message: string, keyword: ErrorCode | 'required' | 'instruction' = 'instruction'): readonly never[] {
    if (this.errors.length < MAX_ERRORS) this.errors.push({ path, keyword, message });
    return [];
  }
}
