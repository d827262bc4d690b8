/** Where something stands in an expression. */
export interface ExpressionPlace {
  /** Characters before it. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export interface ExpressionFault extends ExpressionPlace {
  readonly message: string;
  /** What could stand there, where the grammar decides. */
  readonly expected?: readonly string[];
}

/** Thrown and caught within the reading of an expression. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly fault: ExpressionFault;

  constructor(message: string, place: ExpressionPlace, expected?: readonly string[]) {
    super(message);
    this.fault = { message, ...place, ...(expected !== undefined && { expected }) };
  }
}

export function placeOf(text: string, offset: number): ExpressionPlace {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { offset, line, column: offset - before.lastIndexOf('\n') };
}
