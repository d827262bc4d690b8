// The suffix of a spec says what it costs: .spec (pure), .int.spec (an engine), .e2e.spec (through HTTP).
const libs =
  'core|catalog|batch|identity|profile|computed-attributes|event-log|read-store|projection|read-models|observability|engines';

const shared = {
  rootDir: import.meta.dirname,
  roots: ['apps', 'libs', 'test'].map((folder) => `<rootDir>/${folder}`),
  testEnvironment: 'node',
  injectGlobals: false,
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  moduleNameMapper: {
    '^#(event-log|read-store)/(sqlite|eventstoredb|mongodb)$': '<rootDir>/libs/$1/src/adapters/$2/index.ts',
    [`^#(${libs})$`]: '<rootDir>/libs/$1/src/index.ts',
    // Node wants `./merge.js` where the source is `./merge.ts`.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          // The same meaning as in tsconfig.json: specs must run what the build runs.
          transform: { legacyDecorator: true, decoratorMetadata: true, verbatimModuleSyntax: true },
        },
      },
    ],
  },
};

export default {
  // Two: the int and e2e specs start processes of their own.
  maxWorkers: 2,
  // For specs that start processes; Jest reads it here only, not in a project.
  testTimeout: 120_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.(int|e2e)\\.spec\\.ts$'],
    },
    { ...shared, displayName: 'int', testMatch: ['**/*.int.spec.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['**/*.e2e.spec.ts'] },
  ],
};
