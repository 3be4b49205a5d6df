import { globSync } from 'node:fs';
import { join } from 'node:path';
import { type Locale, translator } from '../../src/http/locale.ts';
import { type Brand, type Chrome, catalogue, type Page } from '../../src/http/page.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** Every page that any part of the house declares. */
export async function allPages(): Promise<readonly Page<object>[]> {
  for (const file of globSync('src/**/pages.ts', { cwd: ROOT })) await import(join(ROOT, file));
  return catalogue();
}

export const isMail = (page: Page<object>): boolean => page.view.startsWith('mail/');

const plainBrand: Brand = { name: '関所システムズ', logoUrl: null, themeUrl: null };

/** What `show` would add to a page's own locals. */
export function chrome(locale: Locale, brand: Brand = plainBrand): Chrome {
  return { locale, t: translator(locale), brand, assets: '/assets' };
}
