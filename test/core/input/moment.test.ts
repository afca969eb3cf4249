import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMoment } from '#core/input/moment.ts';

describe('a moment', () => {
  test.each([
    ['2026-11-21T09:30:00.000Z', '2026-11-21T09:30:00.000Z'],
    ['2026-11-21T09:30Z', '2026-11-21T09:30:00.000Z'],
    ['2026-11-21t09:30:00z', '2026-11-21T09:30:00.000Z'],
    ['2026-11-21T09:30:00+05:30', '2026-11-21T04:00:00.000Z'],
    ['2026-11-21 09:30:00-0130', '2026-11-21T11:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2026-11-21T09:30:00.123456789Z', '2026-11-21T09:30:00.123Z'],
  ])('%s is read', (text, expected) => {
    expect(parseMoment(text)?.toISOString()).toBe(expected);
  });

  test.each([
    '2026-11-21T09:30:00',
    '2026-11-21',
    '2023-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T23:60:00Z',
    '2026-11-21T09:30:00+24:99',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '+012026-01-01T00:00:00Z',
    'Nov 21, 2026',
    '1700000000',
    '',
    '2026-11-21T09:30:00Z ',
    '2026-11-21T09:30:00Z\u0000',
  ])('%j is refused', (text) => {
    expect(parseMoment(text)).toBeNull();
  });

  test('a day alone and a time without a zone are read where that is said', () => {
    expect(parseMoment('2026-11-21', { allowsDay: true })?.toISOString()).toBe('2026-11-21T00:00:00.000Z');
    expect(parseMoment('2026-11-21T09:30', { allowsDay: true })).toBeNull();
    expect(parseMoment('2026-11-21T09:30', { assumesUtc: true })?.toISOString()).toBe('2026-11-21T09:30:00.000Z');
  });

  test('what we write is read back', () => {
    const years = { min: new Date('0001-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true };
    fc.assert(fc.property(fc.date(years), (date) => parseMoment(date.toISOString())?.getTime() === date.getTime()));
  });
});
