/** A contract's colour as a stylesheet, made readable on both of the page's grounds. */

/** The paper of the dark theme in public/sekisho.css. */
const DARK_PAPER = '#262626';
/** WCAG 2.2 success criterion 1.4.3. */
const READABLE = 4.5;

/**
 * The stylesheet that sets `--brand` and `--brand-dark` from one colour.
 * Each is the colour itself where it is readable on that theme's paper, otherwise the nearest shade towards black or
 * white that is.
 * @param colour `#rrggbb`
 * @throws RangeError on anything else, so that no other text can get into a stylesheet
 */
export function themeStylesheet(colour: string): string {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) throw new RangeError('A colour must be #rrggbb');
  const light = shadeReadableOn('#ffffff', colour, '#000000');
  const dark = shadeReadableOn(DARK_PAPER, colour, '#ffffff');
  return `:root{--brand:${light};--brand-dark:${dark}}\n`;
}

/** WCAG contrast ratio of two colours `#rrggbb`: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function shadeReadableOn(paper: string, colour: string, towards: string): string {
  for (let part = 0; part < 1; part += 0.02) {
    const shade = mix(colour, towards, part);
    if (contrast(shade, paper) >= READABLE) return shade;
  }
  return towards;
}

function mix(from: string, to: string, part: number): string {
  const end = channels(to);
  const mixed = channels(from).map((value, i) => Math.round(value + ((end[i] ?? 0) - value) * part));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour)
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
