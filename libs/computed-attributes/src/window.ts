import type { Window } from './attribute-definition.js';

const HOUR = 3_600_000;
const MILLISECONDS = { HOURS: HOUR, DAYS: 24 * HOUR, WEEKS: 168 * HOUR } as const;

/**
 * The first millisecond of a window that ends at `at`; negative infinity for the lifetime. Months are calendar months in
 * UTC at the same time of day, on the last day of the month where it has no such day.
 */
export function windowStart(window: Window | undefined, at: number): number {
  if (window === undefined) return Number.NEGATIVE_INFINITY;
  if (window.unit !== 'MONTHS') return at - window.count * MILLISECONDS[window.unit];
  const end = new Date(at);
  const [year, month] = [end.getUTCFullYear(), end.getUTCMonth() - window.count];
  const start = new Date(at);
  start.setUTCFullYear(year, month, Math.min(end.getUTCDate(), lastDayOf(year, month)));
  return start.getTime();
}

/** Months may be below 0 or above 11. */
function lastDayOf(year: number, month: number): number {
  // Not `Date.UTC`, which takes years below 100 for those of the last century.
  const day = new Date(0);
  day.setUTCFullYear(year, month + 1, 0);
  return day.getUTCDate();
}
