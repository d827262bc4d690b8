import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { isTesseraError, type NamingSecret } from '#core';
import type { EventLog } from '#event-log';
import { openSqliteEventLog } from '#event-log/sqlite';

import { NAMING_SECRET_REGISTERED, openNamingSecret } from './naming-secret.js';

describe('the naming secret', () => {
  let folder: string;
  let file: string;
  let log: EventLog;
  let minted = 0;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tessera-secret-'));
    file = join(folder, 'naming-secret');
    log = await openSqliteEventLog({ file: join(folder, 'log.sqlite'), writer: 'inline' });
  });
  afterEach(async () => {
    await log.close();
    rmSync(folder, { recursive: true });
  });

  const mintId = (): string => `00000000-0000-4000-8000-${String((minted += 1)).padStart(12, '0')}`;
  const open = (): Promise<NamingSecret> => openNamingSecret({ log, file, mayBegin: true, mintId, now: 1_000 });
  const refusal = async (): Promise<string> => {
    const error: unknown = await open().catch((thrown: unknown) => thrown);
    return isTesseraError(error, 'NAMING_SECRET_DIFFERS') ? error.message : `not refused: ${String(error)}`;
  };

  it('is minted for an empty log, for the eyes of its owner only', async () => {
    const secret = await open();
    expect(readFileSync(file, 'utf8')).toBe(`${secret.hex}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith('naming-secret'))).toEqual(['naming-secret']);
  });

  it('is neither minted nor registered by who does not serve the log', async () => {
    const opening = openNamingSecret({ log, file, mayBegin: false, mintId, now: 1_000 });
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_CONFIGURATION' });
    await expect(opening).rejects.toThrow('TESSERA_NAMING_SECRET');
    expect((await log.readStream('system')).exists).toBe(false);
    const given = { log, file, hex: 'ab'.repeat(32), mayBegin: false, mintId, now: 1_000 };
    await expect(openNamingSecret(given)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: true });
    expect((await log.readStream('system')).exists).toBe(false);
    const { hex } = await open();
    expect((await openNamingSecret({ log, file, mayBegin: false, mintId, now: 1_000 })).hex).toBe(hex);
  });

  it('is another one for every log', async () => {
    const first = await open();
    await log.close();
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'tessera-secret-'));
    file = join(folder, 'naming-secret');
    log = await openSqliteEventLog({ file: join(folder, 'log.sqlite'), writer: 'inline' });
    expect((await open()).hex).not.toBe(first.hex);
  });

  it('is known to the log by its fingerprint, as the first event of system', async () => {
    const { fingerprint, hex } = await open();
    const { events } = await log.readStream('system');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: NAMING_SECRET_REGISTERED,
      revision: 0,
      data: JSON.stringify({ fingerprint }),
    });
    expect(JSON.stringify(events)).not.toContain(hex);
  });

  it('is the same at every later start', async () => {
    const first = await open();
    expect(await open()).toEqual(first);
    expect((await log.readStream('system')).events).toHaveLength(1);
  });

  it('that was written before a crash, but never registered, is taken up', async () => {
    writeFileSync(file, `${'ab'.repeat(32)}\n`);
    expect((await open()).hex).toBe('ab'.repeat(32));
  });

  it.each([
    ['of another log', 'ab'.repeat(32), 'is not the secret that this log was written with'],
    ['cut short', 'abcd', 'does not hold 64 hexadecimal digits'],
    ['empty', '', 'does not hold 64 hexadecimal digits'],
  ])('that is %s is refused', async (_name, text, message) => {
    await open();
    writeFileSync(file, text);
    expect(await refusal()).toContain(message);
  });

  it('that is missing is refused, never minted again', async () => {
    await open();
    rmSync(file);
    expect(await refusal()).toContain('The log has events, but');
    expect(readdirSync(folder)).not.toContain('naming-secret');
  });

  it('is refused for a log that does not begin with one', async () => {
    writeFileSync(file, `${'ab'.repeat(32)}\n`);
    const event = { id: mintId(), type: 'SomethingElse', data: '{}' };
    await log.append({ common: {}, writes: [{ stream: 'system', expected: 'none', events: [event] }] });
    expect(await refusal()).toContain('is not the secret that this log was written with');
  });
});
