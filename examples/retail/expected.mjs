// What the CSV says about each customer, counted without any code of Tessera, in whole thousandths.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** The moment as of which computed attributes are compared: the day after the last row. */
export const ATTRIBUTES_AT = '2011-12-10T00:00:00Z';
/** Three months before. */
const THREE_MONTHS_BEFORE = '2011-09-10T00:00:00Z';

/**
 * @typedef {object} ExpectedCustomer
 * @property {string} country of the latest invoice
 * @property {string} customerSince time of the first invoice, RFC 3339
 * @property {string} lastEvent time of the latest row, RFC 3339
 * @property {number} purchases rows that bought something
 * @property {number} cancellations rows that took something back
 * @property {number} recent purchases of the last three months
 * @property {string | undefined} lastPurchase time of the latest row that bought something
 * @property {bigint} total quantity times price over all rows, in thousandths
 */

/**
 * @param {string} file the gzipped CSV
 * @returns {Map<string, ExpectedCustomer>} by customer number; rows without a customer are left out
 */
export function expectedCustomers(file) {
  const customers = new Map();
  for (const row of parse(gunzipSync(readFileSync(file)), { columns: true })) {
    if (row.CustomerID === 'NA') continue;
    const time = `${row.InvoiceDate.replace(' ', 'T')}Z`;
    const before = customers.get(row.CustomerID) ?? {
      customerSince: time,
      purchases: 0,
      cancellations: 0,
      recent: 0,
      total: 0n,
    };
    const cancelled = row.InvoiceNo.startsWith('C') ? 1 : 0;
    // The file is in order of time: the last row of a customer is the latest.
    customers.set(row.CustomerID, {
      ...before,
      country: row.Country,
      lastEvent: time,
      purchases: before.purchases + 1 - cancelled,
      cancellations: before.cancellations + cancelled,
      recent: before.recent + (!cancelled && time >= THREE_MONTHS_BEFORE ? 1 : 0),
      lastPurchase: cancelled ? before.lastPurchase : time,
      total: before.total + BigInt(row.Quantity) * thousandths(row.UnitPrice),
    });
  }
  return customers;
}

/** Decimal text with up to three decimals as whole thousandths. */
export function thousandths(text) {
  const [whole, fraction = ''] = String(text).split('.');
  if (fraction.length > 3) throw new RangeError(`${text} has more than three decimals`);
  return BigInt(whole + fraction.padEnd(3, '0'));
}

/** Thousandths as decimal text: `6416.39`. */
export function decimal(amount) {
  const digits = String(amount < 0n ? -amount : amount).padStart(4, '0');
  const text = `${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/, '');
  return amount < 0n ? `-${text}` : text;
}

/**
 * Asks the service for everything it knows about one customer and compares.
 * @param {(path: string) => Promise<any>} get answers the JSON of a path of the service
 * @param {string} id customer number
 * @param {ExpectedCustomer} expected
 * @returns {Promise<{profile: object, computed: object, total: bigint, differences: string[]}>}
 */
export async function compareCustomer(get, id, expected) {
  const path = `/v1/profiles/CRMID/${id}`;
  const profile = await get(path);
  const { computedAttributes: computed } = await get(`${path}?fields=computedAttributes&at=${ATTRIBUTES_AT}`);
  const { totalSpend, orders3m, lastPurchase } = computed;
  const events = await allEvents(get, path);
  const count = (dataset) => events.filter((event) => event.dataset === dataset).length;
  const total = events.reduce((sum, { data }) => sum + thousandths(data.priceTotal), 0n);
  const facts = [
    ['country', profile.attributes.country, expected.country],
    ['customerSince', instant(profile.attributes.customerSince), instant(expected.customerSince)],
    ['customerId', profile.attributes.customerId, id],
    ['identities', JSON.stringify(profile.identities), JSON.stringify([{ namespace: 'CRMID', id }])],
    ['purchases', count('purchases'), expected.purchases],
    ['cancellations', count('cancellations'), expected.cancellations],
    ['events of the profile', profile.events.count, expected.purchases + expected.cancellations],
    ['last event', instant(profile.events.last), instant(expected.lastEvent)],
    ['total', decimal(total), decimal(expected.total)],
    ['totalSpend', decimal(thousandths(totalSpend.value)), decimal(expected.total)],
    ['orders3m', orders3m.value, expected.recent],
    ['lastPurchase', instant(lastPurchase.value), instant(expected.lastPurchase)],
    ['complete', [totalSpend, orders3m, lastPurchase].every(({ complete }) => complete), true],
  ];
  const differences = facts
    .filter(([, found, wanted]) => found !== wanted)
    .map(([name, found, wanted]) => `${name} is ${found}, the CSV says ${wanted}`);
  return { profile, computed, total, differences };
}

async function allEvents(get, path) {
  const events = [];
  let cursor = '';
  do {
    const page = await get(`${path}/events?limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    events.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return events;
}

const instant = (text) => (text === undefined ? undefined : new Date(text).getTime());
