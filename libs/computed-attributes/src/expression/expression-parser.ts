import { EmbeddedActionsParser, type IToken } from 'chevrotain';

import type { Comparison, Literal } from '../conditions/condition.js';
import type { ParsedCondition, ParsedExpression, ParsedPath, ParsedStep } from './parsed-expression.js';
import * as T from './tokens.js';

/**
 * The grammar, as methods of a recursive descent parser:
 *
 *     expression := xEvent [ "[" anyOf "]" ] "." name "(" [ path [ "," number ] ] ")"
 *     anyOf      := allOf { "or" allOf }        allOf := negation { "and" negation }
 *     negation   := "not" negation | primary
 *     primary    := "(" anyOf ")" | path test
 *     test       := ("=" | "!=" | "<" | "<=" | ">" | ">=" | "contains") literal | "in" "[" literal { "," literal } "]"
 *                 | "exists" | "occurs" "<=" number unit "before" "now"
 *     path       := step { "." name | "[" ("*" | number | text | anyOf) "]" }
 */
export class ExpressionParser extends EmbeddedActionsParser {
  constructor() {
    super(T.TOKENS, { maxLookahead: 2 });
    this.performSelfAnalysis();
  }

  readonly expression = this.RULE('expression', (): ParsedExpression => {
    this.CONSUME(T.XEvent);
    let condition: ParsedCondition | undefined;
    this.OPTION(() => {
      this.CONSUME(T.LeftBracket);
      condition = this.SUBRULE(this.anyOf);
      this.CONSUME(T.RightBracket);
    });
    this.CONSUME(T.Dot);
    const name = this.CONSUME(T.Name);
    this.CONSUME(T.LeftParenthesis);
    let path: ParsedPath | undefined;
    let limit: IToken | undefined;
    this.OPTION1(() => {
      path = this.SUBRULE(this.path);
      this.OPTION2(() => {
        this.CONSUME(T.Comma);
        limit = this.CONSUME(T.NumberLiteral);
      });
    });
    this.CONSUME(T.RightParenthesis);
    return { condition, name, path, limit };
  });

  readonly anyOf: () => ParsedCondition = this.RULE('anyOf', (): ParsedCondition => {
    const all: ParsedCondition[] = [this.SUBRULE(this.allOf)];
    this.MANY(() => {
      this.CONSUME(T.Or);
      all.push(this.SUBRULE1(this.allOf));
    });
    return all.length === 1 ? (all[0] as ParsedCondition) : { kind: 'or', all };
  });

  readonly allOf: () => ParsedCondition = this.RULE('allOf', (): ParsedCondition => {
    const all: ParsedCondition[] = [this.SUBRULE(this.negation)];
    this.MANY(() => {
      this.CONSUME(T.And);
      all.push(this.SUBRULE1(this.negation));
    });
    return all.length === 1 ? (all[0] as ParsedCondition) : { kind: 'and', all };
  });

  readonly negation: () => ParsedCondition = this.RULE('negation', (): ParsedCondition =>
    this.OR([
      {
        ALT: (): ParsedCondition => {
          this.CONSUME(T.Not);
          return { kind: 'not', negated: this.SUBRULE(this.negation) };
        },
      },
      { ALT: () => this.SUBRULE(this.primary) },
    ]),
  );

  readonly primary: () => ParsedCondition = this.RULE('primary', (): ParsedCondition =>
    this.OR([
      {
        ALT: () => {
          this.CONSUME(T.LeftParenthesis);
          const condition = this.SUBRULE(this.anyOf);
          this.CONSUME(T.RightParenthesis);
          return condition;
        },
      },
      { ALT: () => this.SUBRULE(this.test) },
    ]),
  );

  readonly test = this.RULE('test', (): ParsedCondition => {
    const path = this.SUBRULE(this.path);
    return this.OR([
      {
        ALT: (): ParsedCondition => {
          const { image } = this.CONSUME(T.Comparing);
          return { kind: 'test', path, op: image as Comparison, value: this.SUBRULE(this.literal) };
        },
      },
      {
        ALT: (): ParsedCondition => {
          this.CONSUME(T.Contains);
          return { kind: 'test', path, op: 'contains', value: this.SUBRULE1(this.literal) };
        },
      },
      { ALT: (): ParsedCondition => ({ kind: 'test', path, op: 'in', value: this.SUBRULE(this.literals) }) },
      {
        ALT: (): ParsedCondition => {
          this.CONSUME(T.Exists);
          return { kind: 'test', path, op: 'exists' };
        },
      },
      { ALT: (): ParsedCondition => ({ path, ...this.SUBRULE(this.lookBack) }) },
    ]);
  });

  readonly literals = this.RULE('literals', (): readonly Literal[] => {
    this.CONSUME(T.In);
    this.CONSUME(T.LeftBracket);
    const all = [this.SUBRULE(this.literal)];
    this.MANY(() => {
      this.CONSUME(T.Comma);
      all.push(this.SUBRULE1(this.literal));
    });
    this.CONSUME(T.RightBracket);
    return all;
  });

  readonly lookBack = this.RULE('lookBack', () => {
    const at = this.CONSUME(T.Occurs);
    this.CONSUME(T.LessOrEqual);
    const count = this.CONSUME(T.NumberLiteral);
    const unit = this.CONSUME(T.Unit);
    this.CONSUME(T.Before);
    this.CONSUME(T.Now);
    return { kind: 'lookBack', at, count, unit } as const;
  });

  readonly literal = this.RULE('literal', (): Literal =>
    this.OR<Literal>([
      { ALT: () => textOf(this.CONSUME(T.Text)) },
      { ALT: () => Number(this.CONSUME(T.NumberLiteral).image) },
      { ALT: () => (this.CONSUME(T.True), true) },
      { ALT: () => (this.CONSUME(T.False), false) },
    ]),
  );

  readonly path: () => ParsedPath = this.RULE('path', (): ParsedPath => {
    const first = this.CONSUME(T.Identifier);
    const steps: ParsedStep[] = [{ kind: 'key', key: first.image }];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(T.Dot);
            steps.push({ kind: 'key', key: this.CONSUME(T.Name).image });
          },
        },
        { ALT: () => steps.push(this.SUBRULE(this.bracket)) },
      ]);
    });
    return { at: first, steps };
  });

  readonly bracket: () => ParsedStep = this.RULE('bracket', (): ParsedStep => {
    const at = this.CONSUME(T.LeftBracket);
    const step = this.OR<ParsedStep>([
      { ALT: (): ParsedStep => (this.CONSUME(T.Star), { kind: 'each' }) },
      { ALT: (): ParsedStep => ({ kind: 'index', at: this.CONSUME(T.NumberLiteral) }) },
      { ALT: (): ParsedStep => ({ kind: 'key', key: textOf(this.CONSUME(T.Text)) }) },
      { ALT: (): ParsedStep => ({ kind: 'filter', at, condition: this.SUBRULE(this.anyOf) }) },
    ]);
    this.CONSUME(T.RightBracket);
    return step;
  });
}

function textOf({ image }: IToken): string {
  try {
    return JSON.parse(image) as string;
  } catch {
    // An escape that JSON does not know stands for itself.
    return image.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  }
}
