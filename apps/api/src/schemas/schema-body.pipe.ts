import { createParamDecorator, Injectable, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { isJsonObject } from '#core';

import { validationPipe } from '../common/validation.js';
import { DefineSchemaBody } from './schema.dto.js';

/** Handler parameter: the body before any pipe has touched it. */
export const UntouchedBody = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>().body,
);

/**
 * Validates everything around a JSON Schema and leaves the schema itself alone: the usual pipe takes keys such as
 * `constructor` and `prototype` out of what it is given, and they are good names of properties.
 */
@Injectable()
export class SchemaBodyPipe implements PipeTransform<unknown, Promise<DefineSchemaBody>> {
  readonly #around = validationPipe();

  /** Throws `INVALID_REQUEST`. */
  async transform(body: unknown): Promise<DefineSchemaBody> {
    const { schema, ...around } = isJsonObject(body) ? body : {};
    const shell = { ...around, schema: isJsonObject(schema) ? {} : schema };
    const checked: unknown = await this.#around.transform(shell, { type: 'body', metatype: DefineSchemaBody });
    return Object.assign(checked as DefineSchemaBody, { schema });
  }
}
