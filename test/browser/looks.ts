/** How a page looks and behaves before a person: what every journey in the browser checks. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page as Tab } from 'playwright-core';

/** What a page with all that it loads may weigh in transfer, were nothing cached. */
export const MOST_BYTES = 60 * 1024;
/** Widths in CSS pixels. */
export const NARROW = 320;
export const PHONE = 360;
export const DESKTOP = 1280;
/** The rules of axe that every page keeps. */
export const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Waits until the page with this heading is there. */
export async function heading(tab: Tab, text: string): Promise<void> {
  await tab.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();
}

/** How far the page sticks out sideways, in CSS pixels. */
export function sideways(tab: Tab): Promise<number> {
  return tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** What of the page is not accessible, or does not fit; nothing for a good page. Scripts have to run. */
export async function faultsOf(tab: Tab): Promise<unknown[]> {
  const { violations } = await new AxeBuilder({ page: tab }).withTags(RULES).setLegacyMode().analyze();
  const faults: unknown[] = violations.map(({ id, nodes }) => ({ id, html: nodes.map(({ html }) => html) }));
  if ((await sideways(tab)) > 0) faults.push(`${tab.url()} is too wide`);
  return faults;
}

/** What has the focus, and whether one can see that. */
export function focused(tab: Tab): Promise<{ id: string; text: string; visible: boolean }> {
  return tab.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return { id: '', text: '', visible: false };
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const visible = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    const ring = 4;
    const inside = box.top >= ring && box.bottom + ring <= innerHeight;
    return { id: element.id, text: element.textContent?.trim() ?? '', visible: visible && inside };
  });
}
