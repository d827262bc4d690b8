import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

import type { FieldError, JsonObject } from '#core';

import { shapeOf } from '../schema/schema-shape.js';
import type { SchemaContent } from '../schema/schema.js';
import type { Shape } from '../schema/shape.js';
import { closedSchema } from './closed-schema.js';
import { fieldErrorsOf } from './field-errors.js';
import { addItemFormats } from './item-formats.js';
import { linearPattern } from './linear-pattern.js';

/** Says what is wrong with an item: nothing, or the first five errors. */
export type ItemValidator = (item: JsonObject) => readonly FieldError[];

const MAX_ITEM_ERRORS = 5;
const NO_ERRORS: readonly FieldError[] = [];

/**
 * A validator lives as long as the version of the schema that it is for: the catalog holds one document per version,
 * the document its shape, and both go when the next version comes. So there is nothing to evict, and no key that two
 * sandboxes could share.
 */
const validators = new WeakMap<Shape, ItemValidator>();

/**
 * The validator of items of one version of a schema, compiled at first use. Expects what `inspectJson` has let pass.
 */
export function itemValidatorOf(content: SchemaContent): ItemValidator {
  const shape = shapeOf(content);
  const known = validators.get(shape);
  if (known !== undefined) return known;
  const validator = compileItemValidator(shape);
  validators.set(shape, validator);
  return validator;
}

/**
 * Valid items, nearly all of them, pass a validator that stops at the first error and allocates nothing. Only for the
 * others a second one, which collects errors, is compiled and run.
 */
export function compileItemValidator(shape: Shape): ItemValidator {
  const schema = closedSchema(shape);
  const isValid = compile(schema, { allErrors: false });
  let collecting: ValidateFunction | undefined;
  return (item) => {
    if (isValid(item)) return NO_ERRORS;
    collecting ??= compile(schema, { allErrors: true });
    collecting(item);
    return fieldErrorsOf((collecting.errors ?? []).slice(0, MAX_ITEM_ERRORS), item);
  };
}

function linear(pattern: string) {
  return linearPattern(pattern);
}
// Ajv names the engine by this where it prints validators as code, which is not done here.
linear.code = 'linearPattern';

function compile(schema: JsonObject, options: { readonly allErrors: boolean }): ValidateFunction {
  const ajv = new Ajv2020({
    ...options,
    // The dialect was checked when the schema was defined.
    strict: false,
    meta: false,
    validateSchema: false,
    logger: false,
    // Without it `constructor` and `toString` would be there in every item.
    ownProperties: true,
    // 4.35 is a multiple of 0.01, although doubles say otherwise.
    multipleOfPrecision: 9,
    // Ajv's own optimising of the code takes seven times as long as the rest (two seconds for 900 properties) and gains
    // nothing: 1.4 million validations of a nine-property event a second with and without.
    code: { regExp: linear, optimize: false },
  });
  addItemFormats(ajv);
  return ajv.compile(schema);
}
