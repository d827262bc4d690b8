import { ValidationPipe, type ValidationError } from '@nestjs/common';

import { TesseraError, type FieldError } from '#core';

/** Checks bodies and queries against their DTO; a member that the DTO does not have is refused, not dropped. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors) =>
      new TesseraError('INVALID_REQUEST', 'The request is not valid.', {
        errors: errors.flatMap((error) => fieldErrors(error)),
      }),
  });
}

/** One entry per broken rule, with the dotted path of the member. */
export function fieldErrors(error: ValidationError, prefix = ''): FieldError[] {
  const path = prefix + error.property;
  const own = Object.entries(error.constraints ?? {}).map(([keyword, message]): FieldError => ({
    path,
    keyword,
    message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, `${path}.`))];
}
