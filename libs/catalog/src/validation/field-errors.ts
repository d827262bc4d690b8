import type { ErrorObject } from 'ajv/dist/2020.js';

import { formatPath, getOwn, isJsonObject, type FieldError, type JsonValue, type PathStep } from '#core';

/**
 * Ajv's errors as answers give them: dotted paths into the data that was validated, messages that need no schema beside
 * them. `data` is that data (under `root`, when its paths are to begin with it).
 */
export function fieldErrorsOf(errors: readonly ErrorObject[], data: JsonValue, root?: string): readonly FieldError[] {
  return errors.map((error) => {
    const pointer = (root === undefined ? '' : `/${root}`) + error.instancePath;
    const member = namedMember(error);
    const path = [...stepsOf(pointer, data), ...(member === undefined ? [] : [member])];
    return { path: formatPath(path), keyword: error.keyword, message: messageOf(error) };
  });
}

/** The steps of a JSON pointer. Only the data tells an index of an array from a key that looks like one. */
function stepsOf(pointer: string, data: JsonValue): readonly PathStep[] {
  let at: JsonValue | undefined = data;
  return pointer
    .split('/')
    .slice(1)
    .map((escaped) => {
      const key = escaped.replaceAll('~1', '/').replaceAll('~0', '~');
      if (Array.isArray(at)) {
        at = at[Number(key)] as JsonValue;
        return Number(key);
      }
      at = isJsonObject(at) ? getOwn(at, key) : undefined;
      return key;
    });
}

/** The member that an error is about, where Ajv names the object around it. */
function namedMember({ keyword, params }: ErrorObject): string | undefined {
  if (keyword === 'required') return params['missingProperty'] as string;
  if (keyword === 'dependentRequired') return params['missingProperty'] as string;
  if (keyword === 'additionalProperties') return params['additionalProperty'] as string;
  return undefined;
}

function messageOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is required';
    case 'dependentRequired':
      return `is required beside ${String(params['property'])}`;
    case 'additionalProperties':
      return 'is not declared in the schema';
    case 'enum':
      return listed(params['allowedValues'] as readonly JsonValue[]);
    case 'const':
      return `must be ${JSON.stringify(params['allowedValue'])}`;
    default:
      return message ?? `does not satisfy ${keyword}`;
  }
}

/** More would hide the rest of the answer. */
const LISTED_VALUES = 10;

function listed(values: readonly JsonValue[]): string {
  const shown = values.slice(0, LISTED_VALUES).map((value) => JSON.stringify(value));
  return `must be one of ${shown.join(', ')}${values.length > LISTED_VALUES ? ', …' : ''}`;
}
