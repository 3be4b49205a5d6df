import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page as Tab } from 'playwright-core';
import { LOCALES, type Locale } from '../../src/http/locale.ts';
import type { Brand, Page } from '../../src/http/page.ts';
import { renderToString } from '../../src/http/render.ts';
import { themeStylesheet } from '../../src/http/theme.ts';
import { launchBrowser, newPage } from '../support/browser.ts';
import { allPages, chrome, isMail, ROOT } from '../support/pages.ts';
import { DESKTOP, NARROW, RULES } from './looks.ts';

const CSP = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; script-src 'self'";

const pages = (await allPages()).filter((page) => !isMail(page));
/** A colour that is too pale for either theme as it is, and a name that is too long for one line. */
const brand: Brand = {
  name: '独立行政法人関所情報システム機構 電子認証サービス共通基盤',
  logoUrl: null,
  themeUrl: '/assets/theme.css',
  helpUrl: '/help',
};

let browser: Browser;
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/assets/sekisho.css' || pathname === '/assets/theme.css') {
      response.setHeader('Content-Type', 'text/css');
      const own = pathname.endsWith('sekisho.css');
      response.end(
        own
          ? readFileSync(join(ROOT, 'public/sekisho.css'))
          : themeStylesheet(searchParams.get('c') ?? '#ffd43d'),
      );
      return;
    }
    const page = pages.find(({ view }) => pathname === `/${view}`);
    response.setHeader('Content-Type', page ? 'text/html; charset=utf-8' : 'text/plain');
    response.setHeader('Content-Security-Policy', CSP);
    const sample = page?.samples[Number(searchParams.get('sample'))];
    const look = chrome(searchParams.get('locale') as Locale, brand);
    response.end(page && sample ? renderToString(page, sample, look) : '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

const urlOf = (page: Page<object>, sample: number, locale: Locale): string =>
  `${origin}/${page.view}?sample=${sample}&locale=${locale}`;

test.each(pages.map((page) => ({ view: page.view, page })))('$view is accessible', async ({ page }) => {
  const tab = await newPage(browser, { width: NARROW });
  for (const sample of page.samples.keys()) {
    const locale = LOCALES[sample % LOCALES.length] ?? 'ja';
    await tab.goto(urlOf(page, sample, locale));
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme });
      // Chromium may not look into the sandboxed frame of a mail: what is in there is another page. Without frames axe
      // needs no second tab to gather what it found.
      const axe = new AxeBuilder({ page: tab }).exclude('iframe').setLegacyMode();
      // Only colours differ between the two.
      if (colorScheme === 'light') axe.withTags(RULES);
      else axe.withRules('color-contrast');
      const { violations } = await axe.analyze();
      const faults = violations.map(({ id, nodes }) => ({ id, html: nodes.map(({ html }) => html) }));
      expect({ colorScheme, sample, faults }).toEqual({ colorScheme, sample, faults: [] });
    }
  }
  await tab.context().close();
});

test('nothing scrolls sideways on a phone or a desktop, and targets are big enough', async () => {
  const tab = await newPage(browser, { javaScript: false });
  const faults: string[] = [];
  tab.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
  for (const page of pages) {
    for (const sample of page.samples.keys()) {
      for (const locale of LOCALES) {
        const url = urlOf(page, sample, locale);
        await tab.goto(url);
        for (const width of [NARROW, DESKTOP]) {
          await tab.setViewportSize({ width, height: 800 });
          const { overflow, small } = await measure(tab);
          if (overflow > 0) faults.push(`${url}: ${overflow} px too wide at ${width}`);
          if (small.length > 0) faults.push(`${url}: lower than 44 px at ${width}: ${small.join(', ')}`);
        }
      }
    }
  }
  expect(faults).toEqual([]);
  await tab.context().close();
});

test('the field in error is reached from the summary and described by its message', async () => {
  const tab = await newPage(browser, { javaScript: false });
  const page = pages.find(({ view }) => view === 'login/user-id');
  if (!page) throw new Error('no such page');
  await tab.goto(urlOf(page, 2, 'ja'));
  expect(await tab.title()).toBe('【エラー】ログイン｜電子調達ポータル');
  const field = tab.getByLabel('ユーザID', { exact: true });
  expect(await field.getAttribute('aria-invalid')).toBe('true');
  expect(await field.getAttribute('aria-describedby')).toBe('user_id-error intro');
  await tab.getByRole('alert').getByRole('link').click();
  expect(new URL(tab.url()).hash).toBe('#user_id');
  await tab.context().close();
});

/** How far the page sticks out sideways, and which of its buttons, fields and links in lists of ways are too low. */
function measure(tab: Tab): Promise<{ overflow: number; small: string[] }> {
  return tab.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: [
      ...document.querySelectorAll(
        'button, select, input:not([type=hidden], [hidden]), main a:not(.alert-link)',
      ),
    ]
      .filter((target) => target.getBoundingClientRect().height < 44)
      .map((target) => target.textContent || target.id),
  }));
}
