import { ERROR_CATALOG, type ErrorEntry } from './error-catalog.js';

/** The page `docs/guide/errors.md`; a spec holds it against the table, `npm run docs:errors` writes it. */
export function errorPage(): string {
  const rows = Object.entries<ErrorEntry>(ERROR_CATALOG)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, retryable, title, remedy }]) =>
      row([`\`${code}\``, String(status), retryable ? 'yes' : '', title, remedy]),
    );
  return [
    '# Error codes',
    '',
    'Every problem document and every item result carries one of these codes; they do not change. `status` is the HTTP status when the code ends a whole request; inside `results` the request has its own (202, 207 or 422). "Again" says that the same request may succeed later without a change.',
    '',
    'Generated from `libs/core/src/error-catalog.ts` by `npm run docs:errors`.',
    '',
    row(['code', 'status', 'again', 'what it says', 'what to do']),
    row(['---', '---', '---', '---', '---']),
    ...rows,
    '',
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
