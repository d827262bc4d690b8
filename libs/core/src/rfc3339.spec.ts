import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { parseRfc3339 } from './rfc3339.js';

describe('parseRfc3339', () => {
  it.each([
    ['2010-12-01T08:26:00Z', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01t08:26:00z', '2010-12-01T08:26:00.000Z'],
    ['2010-12-01T08:26:00.123456789Z', '2010-12-01T08:26:00.123Z'],
    ['2010-12-01T00:26:00+01:00', '2010-11-30T23:26:00.000Z'],
    ['2012-02-29T00:00:00Z', '2012-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['2010-01-31T00:00:00Z', '2010-01-31T00:00:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(new Date(parseRfc3339(text)!).toISOString()).toBe(iso);
  });

  it.each([
    '',
    '2010-12-01',
    '2010-12-01T08:26:00',
    '2010-12-01 08:26:00Z',
    '2010-13-01T08:26:00Z',
    '2010-00-01T08:26:00Z',
    '2010-12-00T08:26:00Z',
    '2010-02-29T00:00:00Z',
    '2010-02-30T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2010-04-31T00:00:00Z',
    '2010-12-01T24:00:00Z',
    '2010-12-01T08:60:00Z',
    '2010-12-01T08:26:60Z',
    '2010-12-01T08:26:00+24:00',
    '2010-12-01T08:26:00Z\n',
    '+002010-12-01T08:26:00Z',
    '1291191960000',
  ])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeUndefined();
  });

  it('reads back every time that we print', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        (date) => {
          expect(parseRfc3339(date.toISOString())).toBe(date.getTime());
        },
      ),
    );
  });
});
