import { IsIn, IsInt, IsNotEmpty, IsString, Max, Min } from 'class-validator';

import { TesseraError } from '#core';
import { ENGINE_VARIABLES, EngineSettings, readSettings } from '#engines';
import { LOG_LEVELS, type LogLevel } from '#observability';

/** Settings of a projector in a process of its own. */
export class ProjectorConfig extends EngineSettings {
  /** Of the health endpoints; 0 = any that is free. */
  @IsInt({ message: 'must be a port number' })
  @Min(0, { message: 'must be a port number' })
  @Max(65_535, { message: 'must be a port number' })
  readonly port: number = 7401;

  @IsString()
  @IsNotEmpty({ message: 'must be an address or a host name' })
  readonly host: string = '127.0.0.1';

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  readonly logLevel: LogLevel = 'info';
}

export type ProjectorProcessOptions = Partial<ProjectorConfig>;

const VARIABLES = {
  ...ENGINE_VARIABLES,
  port: 'TESSERA_PORT',
  host: 'TESSERA_HOST',
  logLevel: 'TESSERA_LOG_LEVEL',
} as const satisfies Record<keyof ProjectorConfig, string>;

/** Throws `INVALID_CONFIGURATION` with every setting that is wrong, named as the environment names it. */
export function projectorConfig(options: ProjectorProcessOptions, environment: NodeJS.ProcessEnv): ProjectorConfig {
  const config = readSettings(new ProjectorConfig(), VARIABLES, environment, options, ['port']);
  if (config.eventStoreDbUrl === undefined || config.mongoDbUrl === undefined) {
    throw new TesseraError(
      'INVALID_CONFIGURATION',
      'A projector in a process of its own needs EVENTSTOREDB_URL and MONGODB_URL: the embedded engines belong to the process that serves them.',
    );
  }
  return config;
}
