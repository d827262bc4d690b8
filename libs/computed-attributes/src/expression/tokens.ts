import { createToken, Lexer, type TokenType } from 'chevrotain';

/** A word that may stand where a path goes on: `stats.count`. */
export const Name = createToken({ name: 'Name', label: 'a name', pattern: Lexer.NA });
export const Identifier = createToken({
  name: 'Identifier',
  label: 'a path',
  pattern: /[A-Za-z_$][A-Za-z0-9_$:-]*/,
  categories: [Name],
});

function keyword(text: string): TokenType {
  return createToken({ name: text, label: `"${text}"`, pattern: text, longer_alt: Identifier, categories: [Name] });
}

function sign(name: string, text: string, categories: TokenType[] = []): TokenType {
  return createToken({ name, label: `"${text}"`, pattern: text, categories });
}

export const Comparing = createToken({ name: 'Comparing', label: 'a comparison (= != < <= > >=)', pattern: Lexer.NA });

export const XEvent = keyword('xEvent');
export const And = keyword('and');
export const Or = keyword('or');
export const Not = keyword('not');
export const In = keyword('in');
export const Exists = keyword('exists');
export const Contains = keyword('contains');
export const Occurs = keyword('occurs');
export const Before = keyword('before');
export const Now = keyword('now');
export const True = keyword('true');
export const False = keyword('false');

/** The unit of a look-back, in either number. */
export const Unit = createToken({
  name: 'Unit',
  label: 'hours, days, weeks or months',
  pattern: /(?:hour|day|week|month)s?/,
  longer_alt: Identifier,
  categories: [Name],
});

export const Text = createToken({ name: 'Text', label: 'a text in quotes', pattern: /"(?:[^"\\\n]|\\.)*"/ });
export const NumberLiteral = createToken({
  name: 'NumberLiteral',
  label: 'a number',
  pattern: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/,
});

export const LessOrEqual = sign('LessOrEqual', '<=', [Comparing]);
const GreaterOrEqual = sign('GreaterOrEqual', '>=', [Comparing]);
const NotEqual = sign('NotEqual', '!=', [Comparing]);
const Equal = sign('Equal', '=', [Comparing]);
const Less = sign('Less', '<', [Comparing]);
const Greater = sign('Greater', '>', [Comparing]);
export const Dot = sign('Dot', '.');
export const Comma = sign('Comma', ',');
export const Star = sign('Star', '*');
export const LeftParenthesis = sign('LeftParenthesis', '(');
export const RightParenthesis = sign('RightParenthesis', ')');
export const LeftBracket = sign('LeftBracket', '[');
export const RightBracket = sign('RightBracket', ']');

const Space = createToken({ name: 'Space', pattern: /\s+/, group: Lexer.SKIPPED });

/** The first that matches is taken: keywords before names, `<=` before `<`. */
export const TOKENS: TokenType[] = [
  Space,
  ...[XEvent, And, Or, Not, In, Exists, Contains, Occurs, Before, Now, True, False, Unit, Identifier],
  ...[Text, NumberLiteral],
  ...[LessOrEqual, GreaterOrEqual, NotEqual, Equal, Less, Greater],
  ...[Dot, Comma, Star, LeftParenthesis, RightParenthesis, LeftBracket, RightBracket, Name, Comparing],
];

export const LEXER = new Lexer(TOKENS, { positionTracking: 'full' });
