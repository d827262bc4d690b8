import { ERROR_CATALOG, type ErrorCode } from './error-catalog.js';

/** One thing that is wrong with an input, at a dotted path of it. */
export interface FieldError {
  readonly path: string;
  readonly keyword?: string;
  readonly message: string;
}

export interface TesseraErrorOptions {
  readonly cause?: unknown;
  readonly errors?: readonly FieldError[];
  /** Further members of the problem document, such as the actual `revision`. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Every error that Tessera raises on purpose. `code` is stable; the message is for people. */
export class TesseraError extends Error {
  override readonly name: string = 'TesseraError';
  readonly errors: readonly FieldError[] | undefined;
  readonly extra: Readonly<Record<string, unknown>> | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: TesseraErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.errors = options.errors;
    this.extra = options.extra;
  }

  /** HTTP status of this code. */
  get status(): number {
    return ERROR_CATALOG[this.code].status;
  }

  /** Whether the same call may succeed later without a change. */
  get retryable(): boolean {
    return ERROR_CATALOG[this.code].retryable;
  }
}

export function isTesseraError(error: unknown, code?: ErrorCode): error is TesseraError {
  return error instanceof TesseraError && (code === undefined || error.code === code);
}
