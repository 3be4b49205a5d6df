import { describe, expect, test } from '@jest/globals';
import { readValidUntil } from '../../src/users/valid-until.ts';

const at = (text: string) => Date.parse(text);

describe('a day', () => {
  test.each([
    ['2027-03-31', 'Asia/Tokyo', '2027-04-01T00:00:00+09:00'],
    ['2027-03-31', 'UTC', '2027-04-01T00:00:00Z'],
    ['2027-12-31', 'America/Los_Angeles', '2028-01-01T00:00:00-08:00'],
    // Clocks change on the last Sunday of March and of October.
    ['2027-03-27', 'Europe/Berlin', '2027-03-28T00:00:00+01:00'],
    ['2027-03-28', 'Europe/Berlin', '2027-03-29T00:00:00+02:00'],
    ['2027-10-30', 'Europe/Berlin', '2027-10-31T00:00:00+02:00'],
    ['2027-10-31', 'Europe/Berlin', '2027-11-01T00:00:00+01:00'],
    ['2028-02-29', 'Asia/Kolkata', '2028-03-01T00:00:00+05:30'],
  ])('%s in %s ends at %s', (day, zone, end) => {
    expect(readValidUntil(day, zone)).toBe(at(end));
  });
});

describe('an instant', () => {
  test.each(['2027-03-31T17:00:00+09:00', '2027-03-31T08:00Z', '2027-03-31T08:00:00.500Z'])(
    '%s is itself',
    (text) => {
      expect(readValidUntil(text, 'Asia/Tokyo')).toBe(at(text));
    },
  );
});

test.each([
  '',
  'tomorrow',
  '2027',
  '2027-3-31',
  '2027-02-30',
  '2027-13-01',
  '2027-02-30T00:00:00Z',
  '2027-03-31T25:00:00Z',
  // Whose eight o'clock?
  '2027-03-31T08:00:00',
  '2027-03-31 08:00:00Z',
  '31.03.2027',
])('%j is neither', (text) => {
  expect(readValidUntil(text, 'Asia/Tokyo')).toBeNull();
});
