/** The last line of `npm test` and `npm run check`: people and pipelines read it. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * One line that says which engines the tests really opened.
 * @param {string} reported lines `event log=sqlite`, as test/support/engines.ts writes them
 * @param {NodeJS.ProcessEnv} env an engine that needs a server is tested when its URL is set
 */
export function enginesLine(reported, env) {
  const used = new Set(reported.split('\n').filter(Boolean));
  const enginesOf = (port) => {
    const engines = [...used].filter((line) => line.startsWith(`${port}=`)).map((line) => line.slice(port.length + 1));
    return engines.sort().join(', ') || 'none';
  };
  const parts = ['event log', 'read store'].map((port) => `${port} = ${enginesOf(port)}`);
  const servers = [
    ['eventstoredb', 'event log=eventstoredb', 'EVENTSTOREDB_URL'],
    ['mongodb', 'read store=mongodb', 'MONGODB_URL'],
  ];
  for (const [engine, line, variable] of servers) {
    if (used.has(line)) continue;
    const why = env[variable] ? `${variable} is set, but no test opened it` : `${variable} not set`;
    parts.push(`${engine} = not tested (${why})`);
  }
  return `engines: ${parts.join('; ')}`;
}

/**
 * Files of which no test ran: what they would have shown is not known.
 * @param {{ testResults: readonly { name: string, assertionResults: readonly { status: string }[] }[] }} results of jest
 * @returns {string[]} paths as jest has them
 */
export function skippedFiles({ testResults }) {
  return testResults
    .filter(({ assertionResults: tests }) => tests.length > 0 && tests.every(({ status }) => status === 'pending'))
    .map(({ name }) => name);
}
