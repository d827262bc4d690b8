const DATE_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Month, then a day that this month may not have. */
const LATE_DAY = /^\d{4}-(?:02-(?:29|3)|(?:04|06|09|11)-31)/;

/**
 * Epoch milliseconds of an RFC 3339 date-time; digits below the millisecond are dropped. `undefined` for anything else,
 * also for days that do not exist (`Date.parse` would move them to the next month) and for leap seconds, which have no
 * epoch time.
 */
export function parseRfc3339(text: string): number | undefined {
  if (!DATE_TIME.test(text) || (LATE_DAY.test(text) && !isLeapDay(text))) return undefined;
  return Date.parse(text);
}

function isLeapDay(text: string): boolean {
  const year = Number(text.slice(0, 4));
  return text.startsWith('02-29', 5) && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
