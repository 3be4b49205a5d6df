import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LOCALES } from '../../src/http/locale.ts';
import { en } from '../../src/http/messages/en.ts';
import { ja } from '../../src/http/messages/ja.ts';
import type { Brand, Page } from '../../src/http/page.ts';
import { renderToString } from '../../src/http/render.ts';
import { safeHref } from '../../src/http/safe-href.ts';
import { allPages, chrome, isMail, ROOT } from '../support/pages.ts';

const pages = await allPages();
const views = globSync('views/**/*.pug', { cwd: ROOT });
const everySample = pages.flatMap((page) =>
  page.samples.flatMap((sample, i) =>
    LOCALES.map((locale) => ({ name: `${page.view} ${i} ${locale}`, page, sample, locale })),
  ),
);

describe('every page', () => {
  test.each(everySample)('$name is whole and plain', ({ page, sample, locale }) => {
    const html = renderToString(page, sample, chrome(locale));
    expect(html).not.toMatch(/undefined|NaN|\[object/);
    expect(html).toMatch(new RegExp(`^<!DOCTYPE html><html lang="${locale}">`));
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html).toMatch(/<title>[^<]+<\/title>/);
    expectSafeTags(html, page);
    if (!isMail(page)) {
      expect(html.match(/<main/g)).toHaveLength(1);
      const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test('stays under 60 KB with its stylesheet and script', () => {
    const assets = globSync('public/*', { cwd: ROOT }).map((file) => statSync(join(ROOT, file)).size);
    const shared = assets.reduce((sum, size) => sum + size, 0);
    for (const { page, sample, locale } of everySample) {
      const size = Buffer.byteLength(renderToString(page, sample, chrome(locale)));
      expect({ page: page.view, small: size + shared < 60_000 }).toEqual({ page: page.view, small: true });
    }
    expect(statSync(join(ROOT, 'public/sekisho.css')).size).toBeLessThan(15_000);
  });

  test('is in the catalogue, and the catalogue names no other', () => {
    const files = views.filter((file) => !/^views\/(layouts|mixins)\//.test(file));
    const declared = pages.map((page) => `views/${page.view}.pug`);
    expect(declared.sort()).toEqual(files.sort());
  });

  test.each(views)('%s writes nothing unescaped', (file) => {
    expect(readFileSync(join(ROOT, file), 'utf8')).not.toMatch(/!=(?!=)|!\{|\bstyle=(?!['"][a-z])/);
  });

  test.each(pages.map((page) => ({ view: page.view, page })))('$view defuses hostile values', ({ page }) => {
    for (const hostile of HOSTILE) {
      for (const sample of page.samples) {
        for (const locals of withEachStringReplaced(sample, hostile)) {
          const html = renderOrRefuse(page, locals);
          if (html !== null) expectSafeTags(html, page);
        }
      }
      const brand: Brand = { name: hostile, logoUrl: hostile, themeUrl: hostile, helpUrl: hostile };
      expectSafeTags(renderToString(page, page.samples[0] ?? {}, chrome('ja', brand)), page);
    }
  });
});

test.each([
  ['/interaction/x', '/interaction/x'],
  ['https://site.example.com/', 'https://site.example.com/'],
  ['HTTP://site.example.com', 'HTTP://site.example.com'],
  ['mailto:a@example.com', 'mailto:a@example.com'],
  ['tel:+81312345678', 'tel:+81312345678'],
  ['javascript:alert(1)', null],
  ['java\nscript:alert(1)', null],
  [' javascript:alert(1)', null],
  ['data:text/html,x', null],
  ['//evil.example', null],
  ['/\\evil.example', null],
  ['/\t/evil.example', null],
  ['https:evil', null],
  ['', null],
  [null, null],
  [undefined, null],
])('safeHref(%p) is %p', (url, expected) => {
  expect(safeHref(url)).toBe(expected);
});

test('both languages have the same placeholders in every message', () => {
  const placeholders = (message: string) => [...message.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
  for (const [key, message] of Object.entries(ja)) {
    expect([key, placeholders(en[key as keyof typeof ja])]).toEqual([key, placeholders(message)]);
  }
  expect(Object.keys(en)).toEqual(Object.keys(ja));
});

const HOSTILE = [
  '"><script>alert(1)</script>',
  "' onmouseover='alert(1)",
  'javascript:alert(1)',
  '//evil.example/',
  '</title><svg onload=alert(1)>',
];

/** Tags as a browser would see them: pug escapes `<`, `>` and `"` in values, so none of those can end a tag early. */
function expectSafeTags(html: string, page: Page<object>): void {
  for (const [tag] of html.matchAll(/<[a-z][^>]*>/gi)) {
    for (const [, name = '', value = ''] of tag.matchAll(/\s([\w:-]+)(?:="([^"]*)")?/g)) {
      expect([tag, name]).not.toEqual([tag, expect.stringMatching(/^on/i)]);
      if (name === 'style') expect([tag, isMail(page)]).toEqual([tag, true]);
      if (/^(href|src|action|formaction)$/.test(name) && !value.startsWith('#')) {
        expect([tag, safeHref(value)]).toEqual([tag, value]);
      }
    }
  }
  expect(html).not.toMatch(/<script(?! src="\/[^"]*" defer>)|<style|<svg onload/);
}

/** A message that does not exist is a fault and renders nothing: what a hostile value in the place of a kind gets. */
function renderOrRefuse(page: Page<object>, locals: object): string | null {
  try {
    return renderToString(page, locals, chrome('ja'));
  } catch (error) {
    expect(String(error)).toMatch(/No message|is not a function|Cannot read/);
    return null;
  }
}

/** Copies of a value, in each of which one string, at whatever depth, is another. */
function withEachStringReplaced(value: object, other: string): object[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner === 'string') return [withEntry(value, key, other)];
    if (typeof inner !== 'object' || inner === null) return [];
    return withEachStringReplaced(inner, other).map((copy) => withEntry(value, key, copy));
  });
}

function withEntry(value: object, key: string, inner: unknown): object {
  if (Array.isArray(value)) return value.with(Number(key), inner);
  return { ...value, [key]: inner };
}
