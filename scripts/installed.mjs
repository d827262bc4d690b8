import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** True when node_modules holds exactly the packages of the lock file (npm keeps its own copy of the lock there). */
export function installedMatchesLock(root) {
  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const installed = packagesOf(installedLock);
  const missing = Object.entries(wanted).some(
    // An optional package may be missing: it is for another platform.
    ([path, { version, optional }]) =>
      path !== '' && installed[path]?.version !== version && !(optional && !installed[path]),
  );
  return !missing && Object.keys(installed).every((path) => path in wanted);
}
