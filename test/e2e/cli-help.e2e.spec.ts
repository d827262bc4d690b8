import { describe, expect, it } from '@jest/globals';
import { tessera } from '../support/cli.js';

const COMMANDS = [
  ...['serve', 'projector', 'setup', 'load', 'profile', 'why', 'attribute', 'delete'],
  ...['dataset', 'batch', 'sandbox', 'status', 'rebuild', 'verify', 'bench'],
];
const SUBCOMMANDS = {
  attribute: ['list', 'define', 'publish', 'disable'],
  dataset: ['list', 'show', 'enable', 'disable', 'delete-data', 'delete'],
  batch: ['list', 'show', 'abort', 'revert'],
  sandbox: ['list', 'create', 'reset'],
};

describe('the help of the command line', () => {
  it('lists every command', async () => {
    const { status, stdout } = await tessera(['--help']);

    expect(status).toBe(0);
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    expect(listed).toEqual([...COMMANDS, 'help']);
  });

  it.each(COMMANDS)('of %s has an example and the meaning of the exit status', async (command) => {
    const { status, stdout, stderr } = await tessera([command, '--help']);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`$ tessera ${command}`);
    expect(stdout).toMatch(/^Exit status: 0 /m);
  });

  it.each(Object.entries(SUBCOMMANDS))('of %s lists its commands, each with help of its own', async (group, names) => {
    const { stdout } = await tessera([group, '--help']);

    expect([...stdout.matchAll(/^ {2}([a-z-]+) \[/gm)].map(([, name]) => name)).toEqual([...names, 'help']);
    for (const name of names) {
      const help = await tessera([group, name, '--help']);
      expect(help).toMatchObject({ status: 0, stderr: '' });
      expect(help.stdout).toContain(`$ tessera ${group} ${name}`);
      expect(help.stdout).toMatch(/^Exit status: 0 /m);
    }
  });

  it.each([
    ['a command that is not there', ['lode'], 'unknown command'],
    ['an option that is not there', ['status', '--fast'], 'unknown option'],
    ['a missing argument', ['load'], 'missing required argument'],
    ['a number that is none', ['load', 'x', '--chunk', 'ten'], 'must be a whole number'],
  ])('is pointed to by %s', async (_what, words, message) => {
    const { status, stdout, stderr } = await tessera(words);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('--help');
  });
});

describe('without a service', () => {
  // Port 1 belongs to nobody and takes no connections.
  const env = { TESSERA_URL: 'http://127.0.0.1:1' };

  it.each([
    ['status'],
    ['load', 'package.json', '--dataset', 'crm'],
    ['profile', 'CRMID', '7'],
    ['why', 'CRMID', '7'],
    ['verify'],
  ])('%s says in one line how to start it', async (...words) => {
    const { status, stdout, stderr } = await tessera(words, { env });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('start the service with "npm start"')]);
  });

  it('tells where the error comes from only with --debug', async () => {
    const plain = await tessera(['status'], { env });
    const debug = await tessera(['status', '--debug'], { env });

    expect(plain.stderr).not.toContain('    at ');
    expect(debug.stderr).toContain('    at ');
    expect(debug.stderr).toContain('caused by Error: connect ECONNREFUSED');
  });
});
