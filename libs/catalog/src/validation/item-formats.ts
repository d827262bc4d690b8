import type { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats, { type FormatName } from 'ajv-formats';

import { parseRfc3339 } from '#core';

/** Taken from ajv-formats, in its fast variants: they check the form, which is all there is to check here. */
const FORM_ONLY: readonly FormatName[] = [
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uuid',
];

/** The fast variants of these let 2011-02-30 and 29:00 pass. */
const CHECKED: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) => parseRfc3339(text) !== undefined,
  date: (text) => parseRfc3339(`${text}T00:00:00Z`) !== undefined,
  time: (text) => parseRfc3339(`1970-01-01T${text}`) !== undefined,
};

/** What `format` may name; any other is refused when the schema is defined, as it would not be checked. */
export const ITEM_FORMATS: ReadonlySet<string> = new Set([...Object.keys(CHECKED), ...FORM_ONLY]);

export function addItemFormats(ajv: Ajv2020): void {
  addFormats.default(ajv, { mode: 'fast', formats: [...FORM_ONLY] });
  for (const [name, check] of Object.entries(CHECKED)) ajv.addFormat(name, check);
}
