// Cuts the example out of the whole UCI "Online Retail" file:
//   node scripts/cut-retail-sample.mjs path/to/online-retail.csv.gz [examples/retail/online-retail-sample.csv.gz]
// The same file in gives the same rows out: the choice comes from a fixed seed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

const SEED = 20111209;
const CUSTOMERS = 300;
/** Invoices that name no customer: each becomes an anonymous profile of its own. */
const ANONYMOUS_INVOICES = 40;
/** Of each rare kind of dirt so many are chosen first; the rest is chance. */
const OF_EACH_KIND = 10;

const [input, output = join(import.meta.dirname, '..', 'examples', 'retail', 'online-retail-sample.csv.gz')] =
  process.argv.slice(2);
if (input === undefined) {
  console.error('usage: node scripts/cut-retail-sample.mjs <online-retail.csv.gz> [output]');
  process.exit(2);
}

const [header, ...rows] = parse(gunzipSync(readFileSync(input)), { raw: true }).map(({ record, raw }) => {
  const [invoice, , , , , price, customer, country] = record;
  return { invoice, price: Number(price), customer, country, text: raw.trimEnd() };
});
const named = groups(
  rows.filter(({ customer }) => customer !== 'NA'),
  'customer',
);
const anonymous = groups(
  rows.filter(({ customer }) => customer === 'NA'),
  'invoice',
);

const customers = choose(CUSTOMERS, named, [
  (lines) => new Set(lines.map(({ country }) => country)).size > 1,
  (lines) => lines.some(({ price }) => price === 0),
  (lines) => new Set(lines.map(({ text }) => text)).size < lines.length,
  (lines) => lines.every(({ invoice }) => invoice.startsWith('C')),
  (lines) => lines.some(({ invoice }) => invoice.startsWith('C')),
]);
const invoices = choose(ANONYMOUS_INVOICES, anonymous, [
  (lines) => lines.some(({ price }) => price < 0),
  (lines) => lines.some(({ price }) => price === 0),
  (lines) => lines.some(({ invoice }) => invoice.startsWith('C')),
]);

// All rows of whoever was chosen, in the order of the file: an invoice has one customer, so invoices stay whole.
const chosen = rows.filter(({ customer, invoice }) => customers.has(customer) || invoices.has(invoice));
const packed = gzipSync([header, ...chosen].map(({ text }) => `${text}\n`).join(''), { level: 9 });
writeFileSync(output, packed);
console.log(
  `${chosen.length} rows of ${customers.size} customers and ${invoices.size} anonymous invoices, ` +
    `${packed.length} bytes in ${output}`,
);

function groups(list, key) {
  const found = new Map();
  for (const row of list) {
    const group = found.get(row[key]);
    if (group) group.push(row);
    else found.set(row[key], [row]);
  }
  return found;
}

/** Keys of `count` groups: first some of each kind, then any. */
function choose(count, candidates, kinds) {
  const shuffled = shuffle([...candidates.keys()].sort());
  const ofEachKind = kinds.flatMap((isOfKind) =>
    shuffled.filter((key) => isOfKind(candidates.get(key))).slice(0, OF_EACH_KIND),
  );
  return new Set([...new Set([...ofEachKind, ...shuffled])].slice(0, count));
}

/** Fisher and Yates, with a linear congruential generator (Numerical Recipes): good enough, and the same everywhere. */
function shuffle(list) {
  let state = SEED;
  for (let end = list.length - 1; end > 0; end -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (end + 1));
    [list[end], list[other]] = [list[other], list[end]];
  }
  return list;
}
