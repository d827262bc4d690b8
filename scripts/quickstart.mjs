// From a fresh clone to a profile on the screen: npm run quickstart -- [--data DIR] [--port N] [--exit]
// Only what comes with Node is used until everything is installed.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { installedMatchesLock } from './installed.mjs';

const root = join(import.meta.dirname, '..');
const example = join(root, 'examples', 'retail');
const sample = join(example, 'online-retail-sample.csv.gz');
/** What the compiler notes down when it has built. */
const buildNote = join(root, 'dist', '.tsbuildinfo');
const cli = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
/** Has a bit of everything: two countries, a line twice, a gift, things sent back. */
const CUSTOMER = '12431';
/** Enough for the service to be busy, few enough not to wait for one another. */
const CUSTOMERS_AT_A_TIME = 8;

const options = readOptions();
/** What runs now and must not outlive this process. */
const running = new Set();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void interrupt());

try {
  process.exitCode = (await quickstart()) ? 0 : 1;
} catch (error) {
  if (!interrupted) console.error(`quickstart: ${error.message}`);
  process.exitCode = 1;
} finally {
  await stopAll();
}

async function quickstart() {
  await portIsFree(options.port);
  if (!installedMatchesLock(root))
    await step('Installing', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (buildIsOld()) {
    await step('Building', 'npm', ['run', '--silent', 'build']);
    // The compiler leaves its note as it is when nothing has really changed.
    utimesSync(buildNote, new Date(), new Date());
  }

  const url = await startService();
  const client = ['--url', url];
  await step('Defining the catalog of the example', process.execPath, [
    cli,
    'setup',
    join(example, 'setup.json'),
    ...client,
  ]);
  await step('Defining its computed attributes', process.execPath, [
    cli,
    'setup',
    join(example, 'attributes.json'),
    ...client,
  ]);
  await step('Loading the example', process.execPath, [cli, 'load', sample, '--format', 'retail', '--wait', ...client]);

  const right = await showAndCompare(url);
  if (options.exit) return right;
  printRequests(url);
  await new Promise((resolve) => [...running][0].once('exit', resolve));
  return interrupted;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string', default: process.env.TESSERA_DATA_DIR ?? join(root, 'tessera-data') },
        port: { type: 'string', default: process.env.TESSERA_PORT ?? '7400' },
        exit: { type: 'boolean', default: false },
      },
    });
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535)
      throw new Error(`--port ${values.port} is no port`);
    return { ...values, port: Number(values.port) };
  } catch (error) {
    console.error(`quickstart: ${error.message}\nusage: npm run quickstart -- [--data DIR] [--port N] [--exit]`);
    process.exit(2);
  }
}

/** Better said before minutes of installing than after. */
function portIsFree(port) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', ({ code, message }) => {
      const taken = `port ${port} is taken: stop what listens there, or say npm run quickstart -- --port N`;
      reject(new Error(code === 'EADDRINUSE' ? taken : message));
    });
    probe.listen(port, '127.0.0.1', () => probe.close(resolve));
  });
}

/** Whether a source is newer than what was built of it. */
function buildIsOld() {
  const built = statSync(buildNote, { throwIfNoEntry: false });
  if (built === undefined || statSync(cli, { throwIfNoEntry: false }) === undefined) return true;
  const sources = ['apps', 'libs', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter(({ name }) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return [...sources, join(root, 'package-lock.json')].some((file) => statSync(file).mtimeMs > built.mtimeMs);
}

/** Runs a command with its output shown; throws when it fails. */
async function step(title, command, commandArguments) {
  console.log(`\n== ${title}`);
  const windowsNpm = process.platform === 'win32' && command === 'npm';
  const child = start(command, commandArguments, { stdio: 'inherit', shell: windowsNpm });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${title.toLowerCase()} failed`);
}

/** Starts the service; its address once it is ready. Its log goes to a file in the data folder. */
async function startService() {
  console.log(`\n== Starting the service on ${relative(process.cwd(), options.data) || '.'}`);
  // Data of people: nobody else on the machine may look inside.
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const logFile = join(options.data, 'service.log');
  const child = start(process.execPath, [cli, 'serve', '--data', options.data, '--port', String(options.port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a process group of its own: Ctrl-C in a terminal would reach it besides the signal from here, and a second
    // signal means "at once".
    detached: process.platform !== 'win32',
  });
  child.stderr.pipe(createWriteStream(logFile, { flags: 'w' }));
  const failed = new Promise((_, reject) => {
    child.once('close', () => reject(new Error(`the service did not start:\n${lastLines(logFile)}`)));
  });
  const ready = (async () => {
    for await (const line of createInterface(child.stdout)) {
      const [, url] = /listens on (\S+)/.exec(line) ?? [];
      if (url) return url;
    }
    return failed;
  })();
  const url = await Promise.race([ready, failed]);
  failed.catch(() => {});
  console.log(`${url}, its log is ${relative(process.cwd(), logFile)}`);
  return url;
}

function lastLines(file) {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
}

/** Compares every customer with the CSV and prints one profile. True when all is right. */
async function showAndCompare(url) {
  const { ATTRIBUTES_AT, compareCustomer, decimal, expectedCustomers } =
    await import('../examples/retail/expected.mjs');
  const get = getter(url);
  const expected = expectedCustomers(sample);
  const found = new Map();
  const waiting = [...expected.keys()];
  const compareSome = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      found.set(id, await compareCustomer(get, id, expected.get(id)));
    }
  };
  await Promise.all(Array.from({ length: CUSTOMERS_AT_A_TIME }, compareSome));

  const { profile, total, computed } = found.get(CUSTOMER);
  const { purchases, cancellations } = expected.get(CUSTOMER);
  console.log(`\n== A profile: GET ${url}/v1/profiles/CRMID/${CUSTOMER}\n${JSON.stringify(profile, undefined, 2)}`);
  const values = Object.entries(computed).map(([name, { value }]) => `${name}: ${value}`);
  console.log(`\n== Its computed attributes as of ${ATTRIBUTES_AT}\n${values.join('\n')}`);
  const differences = [...found].flatMap(([id, one]) => one.differences.map((text) => `customer ${id}: ${text}`));
  if (differences.length > 0) {
    console.log(`\n== Not what the CSV says (${differences.length} differences). Was other data added to this folder?`);
    console.log(differences.slice(0, 10).join('\n'));
    return false;
  }
  console.log(
    `\n== It is right: ${purchases} purchases and ${cancellations} cancellations, ${decimal(total)} in all, as in the CSV.` +
      `\n   So are the other ${found.size - 1} customers: country, times, identities, number and sum of events, computed attributes.`,
  );
  return true;
}

function getter(url) {
  const headers = process.env.TESSERA_API_KEY ? { authorization: `Bearer ${process.env.TESSERA_API_KEY}` } : {};
  return async (path) => {
    const answer = await fetch(url + path, { headers });
    if (!answer.ok) throw new Error(`GET ${path} was answered with ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
}

function printRequests(url) {
  const purchase = JSON.stringify([
    {
      _id: 'try-1',
      timestamp: '2011-12-09T13:00:00Z',
      eventType: 'commerce.purchases',
      customerId: CUSTOMER,
      sku: '22326',
      quantity: 2,
      unitPrice: 2.95,
      priceTotal: 5.9,
    },
  ]);
  console.log(`
== Try next
curl '${url}/v1/profiles/CRMID/${CUSTOMER}/events?limit=3'
curl '${url}/v1/profiles/CRMID/${CUSTOMER}/events?eventType=commerce.cancellations'
curl '${url}/v1/profiles/CRMID/${CUSTOMER}?fields=computedAttributes&at=2011-06-01T00:00:00Z'
curl '${url}/v1/profiles?limit=5'
curl '${url}/v1/profiles/lookup' -H 'content-type: application/json' -d '{"identities":[{"namespace":"CRMID","id":"${CUSTOMER}"},{"namespace":"CRMID","id":"12457"}],"fields":["country"]}'
curl '${url}/v1/datasets/purchases/events' -H 'content-type: application/json' -d '${purchase}'
npm run tessera -- profile CRMID ${CUSTOMER} --events 3 --url ${url}

More in examples/retail/requests.http, all of it in ${url}/docs.
The service runs until Ctrl-C.`);
}

function start(command, commandArguments, spawnOptions) {
  const child = spawn(command, commandArguments, { cwd: root, ...spawnOptions });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', (error) => {
    running.delete(child);
    console.error(`quickstart: cannot run ${command}: ${error.message}`);
  });
  return child;
}

async function interrupt() {
  interrupted = true;
  await stopAll();
}

/** Ends what still runs and waits for it: the service finishes what it has acknowledged. */
async function stopAll() {
  const ends = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(ends);
}
