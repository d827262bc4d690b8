import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { isTesseraError, type TesseraError } from '#core';

import { openDataFolder } from './data-folder.js';

function refusalOf(folder: string): TesseraError {
  try {
    openDataFolder(folder).release();
  } catch (error) {
    if (isTesseraError(error)) return error;
    throw error;
  }
  throw new Error('the folder was opened');
}

describe('a data folder', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tessera-folder-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is made with its parents, for its owner alone', () => {
    const folder = openDataFolder(join(root, 'a', 'b'));
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(folder.eventLogFile.startsWith(folder.path)).toBe(true);
    folder.release();
  });

  it('has one name for all its processes, and another folder another one', () => {
    const name = (folder: string): string => {
      const opened = openDataFolder(join(root, folder));
      opened.release();
      return opened.instance;
    };
    expect(name('a')).toBe(name('a'));
    expect(name('b')).not.toBe(name('a'));
  });

  it('holds nothing but its lock after it was tried', () => {
    const folder = openDataFolder(join(root, 'data'));
    expect(readdirSync(folder.path)).toEqual(['instance-id', 'lock.db']);
    folder.release();
  });

  it('belongs to one at a time', () => {
    const path = join(root, 'data');
    const folder = openDataFolder(path);
    const refusal = refusalOf(path);
    expect(refusal.code).toBe('DATA_FOLDER_LOCKED');
    expect(refusal.message).toContain(path);
    folder.release();
    openDataFolder(path).release();
  });

  it.each([
    ['is a file', 'file', 'there is a file of that name'],
    ['lies below a file', join('file', 'data'), 'part of the path is a file'],
    ['has a name that is too long', 'x'.repeat(300), 'the path is too long'],
  ])('that %s is refused', (_name, path, reason) => {
    writeFileSync(join(root, 'file'), '');
    const refusal = refusalOf(join(root, path));
    expect(refusal.code).toBe('DATA_FOLDER_UNUSABLE');
    expect(refusal.message).toContain(reason);
  });

  it('with something else in the place of its lock is refused', () => {
    mkdirSync(join(root, 'data', 'lock.db'), { recursive: true });
    expect(refusalOf(join(root, 'data')).code).toBe('DATA_FOLDER_UNUSABLE');
  });
});
