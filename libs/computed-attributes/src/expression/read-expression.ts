import { isRecognitionException, tokenLabel, type IToken } from 'chevrotain';

import type { AttributeDefinition } from '../attribute-definition.js';
import { MAX_CONDITION_DEPTH } from '../conditions/condition.js';
import { ExpressionError, placeOf, type ExpressionFault } from './expression-fault.js';
import { ExpressionParser } from './expression-parser.js';
import type { ParsedExpression } from './parsed-expression.js';
import { LEXER, LeftBracket, LeftParenthesis, Not, RightBracket, RightParenthesis } from './tokens.js';
import { translate } from './translate.js';

export type ExpressionReading = { readonly definition: AttributeDefinition } | { readonly fault: ExpressionFault };

/** Far more than anybody writes by hand; reading takes time in proportion. */
export const MAX_EXPRESSION_LENGTH = 4_000;

let parser: ExpressionParser | undefined;

/** Translates an expression into the structured form, or says where and why that cannot be done. */
export function readExpression(text: string): ExpressionReading {
  try {
    return { definition: translate(parse(text)) };
  } catch (error) {
    if (error instanceof ExpressionError) return { fault: error.fault };
    throw error;
  }
}

/** Throws `ExpressionError`. */
function parse(text: string): ParsedExpression {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    const place = placeOf(text, MAX_EXPRESSION_LENGTH);
    throw new ExpressionError(`is longer than ${MAX_EXPRESSION_LENGTH} characters`, place);
  }
  const { tokens, errors } = LEXER.tokenize(text);
  const [unknown] = errors;
  if (unknown !== undefined) {
    const found = text[unknown.offset];
    const message = found === '"' ? 'a text in quotes does not end' : `there is no sign ${JSON.stringify(found)}`;
    throw new ExpressionError(message, placeOf(text, unknown.offset));
  }
  refuseDepth(tokens, text);
  parser ??= new ExpressionParser();
  parser.input = tokens;
  const parsed = parser.expression();
  const [error] = parser.errors;
  if (error === undefined) return parsed;
  if (!isRecognitionException(error)) throw error;
  throw unexpected(parser, text, tokens, error.token);
}

/** The parser recurses, and so does everybody after it. */
function refuseDepth(tokens: readonly IToken[], text: string): void {
  let open = 0;
  let nots = 0;
  for (const token of tokens) {
    const { tokenType } = token;
    nots = tokenType === Not ? nots + 1 : 0;
    if (tokenType === LeftParenthesis || tokenType === LeftBracket) open += 1;
    if (tokenType === RightParenthesis || tokenType === RightBracket) open -= 1;
    if (open + nots > MAX_CONDITION_DEPTH) {
      throw new ExpressionError(`nests deeper than ${MAX_CONDITION_DEPTH} levels`, placeOf(text, token.startOffset));
    }
  }
}

function unexpected(of: ExpressionParser, text: string, tokens: readonly IToken[], token: IToken): ExpressionError {
  const isEnd = Number.isNaN(token.startOffset);
  const index = isEnd ? tokens.length : tokens.indexOf(token);
  const expected = [
    ...new Set(
      of
        .computeContentAssist('expression', tokens.slice(0, index))
        .map(({ nextTokenType }) => tokenLabel(nextTokenType)),
    ),
  ];
  const found = isEnd ? 'the expression ends' : `found ${token.image}`;
  const wanted = expected.length === 0 ? ['the end'] : expected;
  return new ExpressionError(
    `expected ${listed(wanted)}, but ${found}`,
    placeOf(text, isEnd ? text.length : token.startOffset),
    wanted,
  );
}

function listed(alternatives: readonly string[]): string {
  const last = alternatives.at(-1) as string;
  return alternatives.length === 1 ? last : `${alternatives.slice(0, -1).join(', ')} or ${last}`;
}
