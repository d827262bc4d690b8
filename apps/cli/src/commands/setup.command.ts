import type { Command } from 'commander';
import { EXIT } from '../cli-error.js';
import { readCatalogRequests } from '../service/catalog-requests.js';
import { print } from '../terminal/output.js';
import { addCommand, exitWith, type ServiceOptions, withService, withServiceOptions } from './command.js';

export function addSetupCommand(program: Command): void {
  const command = addCommand(program, {
    usage: 'setup <file>',
    summary: 'define namespaces, schemas and datasets from a file',
    description:
      'Send the requests of a file that define namespaces, schemas and datasets, in their order, each seeing what the ' +
      'ones before it did. Stops at the first that is refused. It can be repeated.',
    examples: [['setup examples/retail/setup.json', 'what the example needs']],
  });
  withServiceOptions(command).action(
    exitWith(async (file: string, options: ServiceOptions) => {
      const requests = readCatalogRequests(file);
      return withService(options, async (client) => {
        let token: string | undefined;
        for (const { method, path, body } of requests) {
          const answer = await client.send(method, path, body, token);
          token = answer.token ?? token;
          print(`${answer.status} ${method} ${path}`);
        }
        return EXIT.done;
      });
    }),
  );
}
