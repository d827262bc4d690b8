import { toRfc3339 } from '#core';

import type { IdentitySettings } from './identity-settings.js';

export const IDENTITY_SETTINGS_CHANGED = 'IdentitySettingsChanged';

/** The whole settings, so that no reader has to apply differences or to know defaults. */
export interface IdentitySettingsChanged {
  readonly type: typeof IDENTITY_SETTINGS_CHANGED;
  readonly data: Omit<IdentitySettings, 'updatedAt'>;
}

/** `at`: epoch milliseconds. */
export function evolveIdentitySettings({ data }: IdentitySettingsChanged, at: number): IdentitySettings {
  return { ...data, updatedAt: toRfc3339(at) };
}
