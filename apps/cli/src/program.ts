import { Command } from 'commander';
import { addAttributeCommand } from './commands/attribute.command.js';
import { addBatchCommand } from './commands/batch.command.js';
import { addDatasetCommand } from './commands/dataset.command.js';
import { addDeleteCommand } from './commands/delete.command.js';
import { addSandboxCommand } from './commands/sandbox.command.js';
import { addBenchCommand } from './commands/bench.command.js';
import { addLoadCommand } from './commands/load.command.js';
import { addProfileCommand } from './commands/profile.command.js';
import { addProjectorCommand } from './commands/projector.command.js';
import { addRebuildCommand, addVerifyCommand } from './commands/projection-jobs.command.js';
import { addServeCommand } from './commands/serve.command.js';
import { addSetupCommand } from './commands/setup.command.js';
import { addStatusCommand } from './commands/status.command.js';
import { addWhyCommand } from './commands/why.command.js';

/** The whole command line. Throws commander's errors instead of ending the process. */
export function tesseraProgram(): Command {
  const program = new Command('tessera')
    .description('Real-time customer profiles from an event log: one service, and the commands that talk to it.')
    .exitOverride()
    .showHelpAfterError('(--help tells how it is used)')
    .addHelpText('after', '\nEvery command has its own help: tessera load --help');
  addServeCommand(program);
  addProjectorCommand(program);
  addSetupCommand(program);
  addLoadCommand(program);
  addProfileCommand(program);
  addWhyCommand(program);
  addAttributeCommand(program);
  addDeleteCommand(program);
  addDatasetCommand(program);
  addBatchCommand(program);
  addSandboxCommand(program);
  addStatusCommand(program);
  addRebuildCommand(program);
  addVerifyCommand(program);
  addBenchCommand(program);
  return program;
}
