import { expect, test } from '@jest/globals';
import { contrast, themeStylesheet } from '../../src/http/theme.ts';

test.each(['#ffd43d', '#000000', '#ffffff', '#e60012', '#808080', '#0017C1'])(
  '%s becomes readable on light and dark paper',
  (colour) => {
    const [, light = '', dark = ''] =
      /^:root\{--brand:(#[0-9a-f]{6});--brand-dark:(#[0-9a-f]{6})\}\n$/.exec(themeStylesheet(colour)) ?? [];
    expect(contrast(light, '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark, '#262626')).toBeGreaterThanOrEqual(4.5);
  },
);

test('a colour that is readable already stays as it is', () => {
  expect(themeStylesheet('#006f83')).toContain('--brand:#006f83;');
});

test.each(['red', '#fff', '#ffffff}body{', ''])('%p is refused', (colour) => {
  expect(() => themeStylesheet(colour)).toThrow(RangeError);
});
