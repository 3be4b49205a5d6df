import chromium from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';

/** The Chromium that npm brings, without a window. Close it with `browser.close()`. */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

export interface PageOptions {
  /** Width of the window in CSS pixels (1280). */
  width?: number;
  /** Whether scripts run (true). */
  javaScript?: boolean;
  /** BCP 47 tag of the browser's language (ja). */
  locale?: string;
  colorScheme?: 'light' | 'dark';
}

/** A tab in a browser profile of its own: no cookies are shared between two calls. `page.context().newPage()` opens a second tab. */
export async function newPage(browser: Browser, options: PageOptions = {}): Promise<Page> {
  const { width = 1280, javaScript = true, locale = 'ja', colorScheme = 'light' } = options;
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 800 : 900 },
    javaScriptEnabled: javaScript,
    locale,
    colorScheme,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  return page;
}
