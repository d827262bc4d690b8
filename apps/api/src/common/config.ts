import 'reflect-metadata';

import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Matches, Max, Min } from 'class-validator';

import { TesseraError } from '#core';
import { ENGINE_VARIABLES, EngineSettings, readSettings } from '#engines';
import { LOG_LEVELS, type LogLevel } from '#observability';

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

/** Settings of a service. */
export class ServeConfig extends EngineSettings {
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

  /** Whether the projector runs in this process, or in others (`tessera projector`). */
  @IsIn(['here', 'elsewhere'], { message: 'must be here or elsewhere' })
  readonly projector: 'here' | 'elsewhere' = 'here';

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

export type ServeOptions = Partial<ServeConfig>;

const VARIABLES = {
  ...ENGINE_VARIABLES,
  port: 'TESSERA_PORT',
  host: 'TESSERA_HOST',
  apiKey: 'TESSERA_API_KEY',
  projector: 'TESSERA_PROJECTOR',
  logLevel: 'TESSERA_LOG_LEVEL',
  batchUploads: 'TESSERA_BATCH_UPLOADS',
  batchFileMb: 'TESSERA_BATCH_FILE_MB',
  batchExpandedMb: 'TESSERA_BATCH_EXPANDED_MB',
  batchSpoolMb: 'TESSERA_BATCH_SPOOL_MB',
} as const satisfies Record<keyof ServeConfig, string>;

const NUMBERS = ['port', 'batchUploads', 'batchFileMb', 'batchExpandedMb', 'batchSpoolMb'];

/** Throws `INVALID_CONFIGURATION` with every setting that is wrong, named as the environment names it. */
export function serveConfig(options: ServeOptions, environment: NodeJS.ProcessEnv): ServeConfig {
  const config = readSettings(new ServeConfig(), VARIABLES, environment, options, NUMBERS);
  if (config.apiKey === undefined && !LOOPBACK.test(config.host)) {
    throw new TesseraError(
      'INVALID_CONFIGURATION',
      `TESSERA_HOST is ${config.host}, which others can reach, but TESSERA_API_KEY is not set. Set a key, or stay on 127.0.0.1.`,
    );
  }
  if (config.projector === 'elsewhere' && !(config.eventStoreDbUrl && config.mongoDbUrl)) {
    throw new TesseraError(
      'INVALID_CONFIGURATION',
      'TESSERA_PROJECTOR is elsewhere, but the embedded engines belong to one process. Set EVENTSTOREDB_URL and MONGODB_URL, or let the projector run here.',
    );
  }
  return config;
}
