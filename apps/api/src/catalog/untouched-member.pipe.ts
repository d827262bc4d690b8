import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { isJsonObject } from '#core';

import { validationPipe } from '../common/validation.js';

/** Handler parameter: the body before any pipe has touched it. */
export const UntouchedBody = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>().body,
);

/**
 * Validates everything around a member that is JSON Schema and leaves that member alone: the usual pipe takes keys such
 * as `constructor` and `prototype` out of what it is given, and they are good names of properties.
 */
export class UntouchedMemberPipe<Body extends object> implements PipeTransform<unknown, Promise<Body>> {
  readonly #around = validationPipe();

  constructor(
    private readonly dto: Type<Body>,
    private readonly member: keyof Body & string,
  ) {}

  /** Throws `INVALID_REQUEST`. */
  async transform(body: unknown): Promise<Body> {
    const { [this.member]: kept, ...around } = isJsonObject(body) ? body : {};
    const shell = { ...around, [this.member]: isJsonObject(kept) ? {} : kept };
    const checked: unknown = await this.#around.transform(shell, { type: 'body', metatype: this.dto });
    return Object.assign(checked as Body, { [this.member]: kept });
  }
}
