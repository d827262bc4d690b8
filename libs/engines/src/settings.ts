import 'reflect-metadata';

import { IsNotEmpty, IsOptional, IsString, Matches, validateSync } from 'class-validator';

import { TesseraError } from '#core';

/** Which engines a process uses, and where. Each setting comes from a flag, else from the environment, else from its default. */
export class EngineSettings {
  /** Of the embedded engines, and of whatever a process keeps beside them. */
  @IsString()
  @IsNotEmpty({ message: 'must name a folder' })
  readonly dataDir: string = './tessera-data';

  /** The event log is EventStoreDB; the embedded one without it. */
  @IsOptional()
  @Matches(/^(esdb|kdb|kurrentdb)(\+discover)?:\/\/[^\s]+$/, {
    message: 'must be a connection string such as esdb://127.0.0.1:2113?tls=false',
  })
  readonly eventStoreDbUrl?: string;

  /** The read store is MongoDB; the embedded one without it. */
  @IsOptional()
  @Matches(/^mongodb(\+srv)?:\/\/[^\s]+$/, {
    message: 'must be a connection string such as mongodb://127.0.0.1:27017/tessera',
  })
  readonly mongoDbUrl?: string;

  /** Of all stream names, for several services on one EventStoreDB; see `withStreamPrefix`. */
  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9.-]{0,31}$/, {
    message: 'must be at most 32 lower-case letters, digits, dots and hyphens',
  })
  readonly streamPrefix?: string;

  /** 64 hexadecimal digits: for processes that share a log and no folder. Otherwise it is a file in the data folder. */
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be 64 hexadecimal digits, such as `openssl rand -hex 32` makes' })
  readonly namingSecret?: string;
}

export const ENGINE_VARIABLES = {
  dataDir: 'TESSERA_DATA_DIR',
  eventStoreDbUrl: 'EVENTSTOREDB_URL',
  mongoDbUrl: 'MONGODB_URL',
  streamPrefix: 'TESSERA_STREAM_PREFIX',
  namingSecret: 'TESSERA_NAMING_SECRET',
} as const satisfies Record<keyof EngineSettings, string>;

/**
 * Settings of one class from its defaults, the environment and what wins over both. Throws `INVALID_CONFIGURATION` with
 * every setting that is wrong, named as the environment names it. `numbers` are the settings that are whole numbers.
 */
export function readSettings<T extends object>(
  settings: T,
  variables: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv,
  options: Partial<T>,
  numbers: readonly string[] = [],
): T {
  const read: T = Object.assign(settings, fromEnvironment(variables, environment, numbers), options);
  const wrong = validateSync(read, { whitelist: true, forbidNonWhitelisted: true }).flatMap((error) =>
    [...new Set(Object.values(error.constraints ?? {}))].map(
      (message) => `${variables[error.property] ?? error.property} ${message}`,
    ),
  );
  if (wrong.length > 0) throw new TesseraError('INVALID_CONFIGURATION', `${wrong.join('; ')}.`);
  return read;
}

function fromEnvironment(
  variables: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv,
  numbers: readonly string[],
): Record<string, unknown> {
  const found = Object.entries(variables).flatMap(([setting, variable]) => {
    const text = environment[variable];
    return text === undefined ? [] : [[setting, numbers.includes(setting) ? wholeNumber(text) : text] as const];
  });
  return Object.fromEntries(found);
}

/** `Number` takes '' for 0 and '0x10' for 16. */
function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}
