// What each part may import. `comment` is the reason of a rule.

// A domain lib may import the ones before it, never a later one.
const domain = ['core', 'catalog', 'batch', 'identity', 'profile', 'computed-attributes', 'account', 'privacy'];
const anyOf = (names) => `(${names.join('|')})`;
const lib = (names) => `^libs/${anyOf(names)}/`;
const spec = '\\.spec\\.ts$';
// Where a lib may be entered: its index, and that of each adapter.
const entrances = ['^libs/[^/]+/src/index\\.ts$', '^libs/[^/]+/src/adapters/[^/]+/index\\.ts$'];

const domainOrder = domain.slice(1, -1).map((name, index) => ({
  name: `domain-order-${name}`,
  comment: 'A later domain lib builds on the earlier ones; the other way round nobody could read one without all.',
  severity: 'error',
  from: { path: lib([name]) },
  to: { path: lib(domain.slice(index + 2)) },
}));

/** Only `folder` may import the driver of an engine. A driver that is not installed is seen by its bare name. */
const driverOnlyIn = (folder, driver, ...besides) => ({
  name: `${folder}-driver-only-in-its-adapter`,
  comment: 'The name of an engine appears only inside its adapter, so that another engine can take its place.',
  severity: 'error',
  from: { pathNot: [`/adapters/${folder}/`, ...besides] },
  to: { path: `^(node_modules/)?(@types/)?${driver}($|/)` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-imports-nothing-of-ours',
      comment: 'Everything stands on core: whatever core imported would be under everything.',
      severity: 'error',
      from: { path: lib(['core']) },
      to: { path: '^(libs|apps|test)/', pathNot: lib(['core']) },
    },
    ...domainOrder,
    {
      name: 'computed-attributes-know-no-batches',
      comment: 'An attribute is about events, whichever way they came in.',
      severity: 'error',
      from: { path: lib(['computed-attributes']) },
      to: { path: lib(['batch']) },
    },
    {
      name: 'domain-is-pure',
      comment: 'The rules of the domain are functions over plain data: no port, no projection, no process.',
      severity: 'error',
      from: { path: lib(domain), pathNot: spec },
      to: { path: '^(apps|libs/(event-log|read-store|projection|read-models|observability))/' },
    },
    {
      name: 'ports-know-only-core',
      comment: 'A port carries events or documents of any kind; it must not know what they mean.',
      severity: 'error',
      from: { path: lib(['event-log', 'read-store']), pathNot: spec },
      to: { path: '^(apps|libs)/', pathNot: [lib(['core', 'observability']), '^libs/$1/'] },
    },
    {
      name: 'observability-knows-only-core',
      comment: 'Logs and metrics are used from everywhere, so they must not pull anything in.',
      severity: 'error',
      from: { path: lib(['observability']) },
      to: { path: '^(apps|libs)/', pathNot: lib(['core', 'observability']) },
    },
    {
      name: 'projection-knows-the-ports-only',
      comment: 'The engine runs any projection on any engine: it knows the two ports, no adapter and no domain.',
      severity: 'error',
      from: { path: lib(['projection']), pathNot: spec },
      to: {
        path: '^(apps|libs)/',
        pathNot: [lib(['core', 'observability', 'projection']), '^libs/(event-log|read-store)/src/(?!adapters/)'],
      },
    },
    {
      name: 'read-models-know-domain-and-projection',
      comment: 'A read model is data: domain functions put into the shape of a projection over the read store port.',
      severity: 'error',
      from: { path: lib(['read-models']), pathNot: spec },
      to: {
        path: '^(apps|libs)/',
        pathNot: [lib([...domain, 'projection', 'read-models']), '^libs/read-store/src/(?!adapters/)'],
      },
    },
    {
      name: 'read-models-use-types-of-the-store',
      comment: 'A read model never talks to the store itself: it describes documents, the engine writes them.',
      severity: 'error',
      from: { path: lib(['read-models']), pathNot: spec },
      to: { path: lib(['read-store']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-are-chosen-in-apps',
      comment:
        'Only libs/engines, the wiring of a process or a test picks an engine; a lib that picks one ties its users to it.',
      severity: 'error',
      from: { path: '^libs/', pathNot: ['/adapters/', '^libs/engines/', spec] },
      to: { path: '^libs/[^/]+/src/adapters/' },
    },
    {
      name: 'engines-know-ports-and-adapters-only',
      comment: 'Composing the engines needs their ports and adapters; what the events mean is not its business.',
      severity: 'error',
      from: { path: lib(['engines']), pathNot: spec },
      to: { path: '^(apps|libs)/', pathNot: lib(['core', 'observability', 'engines', 'event-log', 'read-store']) },
    },
    {
      name: 'adapters-stand-alone',
      comment: 'An adapter that leans on another one makes both engines necessary.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/src/adapters/([^/]+)/' },
      to: { path: '/adapters/', pathNot: '^libs/$1/src/adapters/$2/' },
    },
    // The benchmark's bare limit is the engine with nothing of ours in between.
    driverOnlyIn('sqlite', 'better-sqlite3', '^test/bench/bare-limit\\.ts$'),
    // The stand-in serves what the client's own service definitions say.
    driverOnlyIn(
      'eventstoredb',
      '@eventstore/db-client',
      '^test/bench/bare-limit',
      '^test/support/eventstoredb-stand-in/',
    ),
    // Tests tidy up after themselves.
    driverOnlyIn('mongodb', 'mongodb', '^test/support/mongodb/', '^test/faults/'),
    {
      name: 'nest-only-in-apps',
      comment: 'The framework is wiring; a lib works without it, save for the one module that offers it to Nest.',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.module\\.ts$' },
      to: { path: '^(node_modules/)?@nestjs/' },
    },
    {
      name: 'apps-stand-alone',
      comment: 'Apps are processes; what two of them share belongs in a lib.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-know-no-app',
      comment: 'An app is wiring on top of the libs.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'no-deep-import-from-a-lib',
      comment: "What a lib offers is its index.ts (and each adapter's); the rest may change without notice.",
      severity: 'error',
      from: { path: '^libs/([^/]+)/' },
      to: { path: '^libs/[^/]+/', pathNot: ['^libs/$1/', ...entrances] },
    },
    {
      name: 'no-deep-import-from-outside',
      comment: "What a lib offers is its index.ts (and each adapter's); the rest may change without notice.",
      severity: 'error',
      from: { path: '^(apps|test)/' },
      to: { path: '^libs/[^/]+/', pathNot: entrances },
    },
    {
      name: 'no-test-code-in-production',
      comment: 'Test folders are not part of a process; only the CLI may start the benchmarks.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: spec },
      to: { path: '^test/(contract|e2e|faults|support)/' },
    },
    {
      name: 'benchmarks-only-from-the-cli',
      comment: 'Test folders are not part of a process; only the CLI may start the benchmarks.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '^apps/cli/' },
      to: { path: '^test/bench/' },
    },
    {
      name: 'no-spec-imported',
      comment: 'A spec is a leaf: what two specs share belongs in test/support or test/contract.',
      severity: 'error',
      from: {},
      to: { path: spec },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: 'It is not there after `npm ci --omit=dev`.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: spec },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that leads nowhere escapes every rule above.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      // Without `types` among them: an import means the package, not its declarations.
      mainFields: ['module', 'main'],
    },
  },
};
