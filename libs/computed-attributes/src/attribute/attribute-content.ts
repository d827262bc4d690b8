import { refused, type Refusal } from '#catalog';
import { isJsonObject, type FieldError, type JsonObject, type JsonValue } from '#core';

import { readDefinition } from '../check-definition.js';
import { readExpression } from '../expression/read-expression.js';
import type { AttributeContent } from './computed-attribute.js';

export type ContentReading = { readonly content: AttributeContent } | { readonly refusal: Refusal };

const MAX_TITLE = 200;
/** What may stand beside an expression: the language has no words for it. */
const BESIDE = ['title', 'expression', 'datasets', 'window'];

/** Reads either form of an attribute, as a client sends it. */
export function readContent(body: JsonValue): ContentReading {
  if (!isJsonObject(body)) return invalid([{ path: '', message: 'must be an object' }]);
  const { title, expression, ...structured } = body;
  const errors: FieldError[] = [];
  if (title !== undefined && (typeof title !== 'string' || title.length > MAX_TITLE)) {
    errors.push({ path: 'title', message: `must be a string of at most ${MAX_TITLE} characters` });
  }
  if (expression !== undefined && typeof expression !== 'string') {
    errors.push({ path: 'expression', message: 'must be a string' });
  }
  if (errors.length > 0) return invalid(errors);
  const named = { ...(title !== undefined && { title: title as string }) };
  if (typeof expression !== 'string') {
    const reading = readDefinition(structured);
    return 'errors' in reading ? invalid(reading.errors) : { content: { ...named, definition: reading.definition } };
  }
  const reading = readBesideExpression(expression, structured);
  return 'refusal' in reading ? reading : { content: { ...named, expression, ...reading.content } };
}

function readBesideExpression(expression: string, beside: JsonObject): ContentReading {
  const reading = readExpression(expression);
  if ('fault' in reading) {
    const { message, ...place } = reading.fault;
    const where = `line ${place.line}, column ${place.column}`;
    const errors = [{ path: 'expression', message: `${where}: ${message}` }];
    return { refusal: refused('EXPRESSION_INVALID', `${where}: ${message}.`, { errors, extra: { ...place } }).refusal };
  }
  const errors = Object.keys(beside)
    .filter((key) => !BESIDE.includes(key))
    .map((key) => ({ path: key, message: 'does not go with expression' }));
  const { definition } = reading;
  if (beside['window'] !== undefined && definition.window !== undefined) {
    errors.push({ path: 'window', message: 'stands in the expression already' });
  }
  if (errors.length > 0) return invalid(errors);
  const whole = readDefinition({ ...(definition as unknown as JsonObject), ...beside });
  return 'errors' in whole ? invalid(whole.errors) : { content: { definition: whole.definition } };
}

function invalid(errors: readonly FieldError[]): { readonly refusal: Refusal } {
  return refused('ATTRIBUTE_INVALID', 'The attribute is not valid.', { errors });
}
