import 'reflect-metadata';

import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Matches, Max, Min, validateSync } from 'class-validator';

import { TesseraError } from '#core';
import { LOG_LEVELS, type LogLevel } from '#observability';

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

/** Settings of a service. Each comes from a flag, else from the environment, else from its default. */
export class ServeConfig {
  @IsString()
  @IsNotEmpty({ message: 'must name a folder' })
  readonly dataDir: string = './tessera-data';

  /** 0 = any that is free. */
  @IsInt({ message: 'must be a port number' })
  @Min(0, { message: 'must be a port number' })
  @Max(65_535, { message: 'must be a port number' })
  readonly port: number = 7400;

  @IsString()
  @IsNotEmpty({ message: 'must be an address or a host name' })
  readonly host: string = '127.0.0.1';

  @IsOptional()
  @Matches(/^[\x21-\x7e]+$/, { message: 'must be printable ASCII without spaces, as it travels in a header' })
  readonly apiKey?: string;

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  readonly logLevel: LogLevel = 'info';

  /** Files that are uploaded at the same time. */
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  readonly batchUploads: number = 4;

  /** Of one file as it is sent. */
  @IsInt({ message: 'must be a whole number of megabytes' })
  @Min(1, { message: 'must be at least 1' })
  readonly batchFileMb: number = 10_240;

  /** Of one file once it is unpacked: a few kilobytes of gzip can stand for gigabytes. */
  @IsInt({ message: 'must be a whole number of megabytes' })
  @Min(1, { message: 'must be at least 1' })
  readonly batchExpandedMb: number = 51_200;

  /** Of all files that wait or are under way. */
  @IsInt({ message: 'must be a whole number of megabytes' })
  @Min(1, { message: 'must be at least 1' })
  readonly batchSpoolMb: number = 20_480;
}

/** Where uploaded files wait, and how much of them is taken; sizes in bytes. */
export interface BatchSettings {
  readonly folder: string;
  readonly maxUploads: number;
  readonly maxFileBytes: number;
  readonly maxExpandedBytes: number;
  readonly maxSpoolBytes: number;
}

const MEGABYTE = 1024 * 1024;

export function batchSettings(config: ServeConfig): BatchSettings {
  return {
    folder: config.dataDir,
    maxUploads: config.batchUploads,
    maxFileBytes: config.batchFileMb * MEGABYTE,
    maxExpandedBytes: config.batchExpandedMb * MEGABYTE,
    maxSpoolBytes: config.batchSpoolMb * MEGABYTE,
  };
}

type Setting = keyof ServeConfig;
export type ServeOptions = Partial<ServeConfig>;

const VARIABLES = {
  dataDir: 'TESSERA_DATA_DIR',
  port: 'TESSERA_PORT',
  host: 'TESSERA_HOST',
  apiKey: 'TESSERA_API_KEY',
  logLevel: 'TESSERA_LOG_LEVEL',
  batchUploads: 'TESSERA_BATCH_UPLOADS',
  batchFileMb: 'TESSERA_BATCH_FILE_MB',
  batchExpandedMb: 'TESSERA_BATCH_EXPANDED_MB',
  batchSpoolMb: 'TESSERA_BATCH_SPOOL_MB',
} as const satisfies Record<Setting, string>;

/** Throws `INVALID_CONFIGURATION` with every setting that is wrong, named as the environment names it. */
export function serveConfig(options: ServeOptions, environment: NodeJS.ProcessEnv): ServeConfig {
  const config: ServeConfig = Object.assign(new ServeConfig(), fromEnvironment(environment), options);
  const wrong = validateSync(config, { whitelist: true, forbidNonWhitelisted: true }).flatMap((error) =>
    [...new Set(Object.values(error.constraints ?? {}))].map((message) => `${nameOf(error.property)} ${message}`),
  );
  if (wrong.length > 0) throw new TesseraError('INVALID_CONFIGURATION', `${wrong.join('; ')}.`);
  if (config.apiKey === undefined && !LOOPBACK.test(config.host)) {
    throw new TesseraError(
      'INVALID_CONFIGURATION',
      `TESSERA_HOST is ${config.host}, which others can reach, but TESSERA_API_KEY is not set. Set a key, or stay on 127.0.0.1.`,
    );
  }
  return config;
}

function fromEnvironment(environment: NodeJS.ProcessEnv): Record<string, unknown> {
  const found = Object.entries(VARIABLES).flatMap(([setting, variable]) => {
    const text = environment[variable];
    return text === undefined ? [] : [[setting, isNumber(setting) ? wholeNumber(text) : text] as const];
  });
  return Object.fromEntries(found);
}

/** `Number` takes '' for 0 and '0x10' for 16. */
function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
}

function isNumber(setting: string): boolean {
  return setting === 'port' || setting.startsWith('batch');
}

function nameOf(property: string): string {
  return Object.hasOwn(VARIABLES, property) ? VARIABLES[property as Setting] : property;
}
