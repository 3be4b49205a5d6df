/** A mail as a list of blocks, so that its text and its HTML say the same. */
import type { Translate } from '../http/locale.ts';
import type { SiteLink, SupportDesk } from '../http/page.ts';

/** A name and its value: `サイト: 電子調達ポータル`. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

export type Block =
  | { readonly kind: 'words'; readonly lines: readonly string[]; readonly strong?: boolean }
  /** What is to be typed: alone on its line, in ASCII, so that it can be selected, read aloud and filled in. */
  | { readonly kind: 'code'; readonly label: string; readonly value: string; readonly note: string }
  /** Alone on its line, whole, so that no mail program breaks it. */
  | { readonly kind: 'link'; readonly label: string; readonly url: string }
  | { readonly kind: 'facts'; readonly heading: string | null; readonly facts: readonly Fact[] }
  | { readonly kind: 'sites'; readonly heading: string; readonly sites: readonly SiteLink[] };

/** What a mail says. Nothing in it comes with line breaks. */
export interface Letter {
  readonly subject: string;
  readonly intro: string;
  readonly blocks: readonly Block[];
}

/** The plain text (RFC 5322 line ends). */
export function textOf(
  { intro, blocks }: Letter,
  t: Translate,
  about: { readonly contractName: string; readonly support: SupportDesk | null },
): string {
  const desk = about.support ? [deskLines(t, about.support)] : [];
  return paragraphs([
    [intro],
    ...blocks.flatMap((block) => linesOf(block, t)),
    ...desk,
    [t('mail.automatic', { contract: about.contractName })],
  ]);
}

/** The paragraphs of a block. No name that somebody chose stands alone on a line, where it could pass for a code. */
function linesOf(block: Block, t: Translate): string[][] {
  switch (block.kind) {
    case 'words':
      return [[...block.lines]];
    case 'code':
      return [[block.label, block.value, block.note]];
    case 'link':
      return [[block.label, block.url]];
    case 'facts': {
      const facts = block.facts.map(({ name, value }) => `  ${name}: ${value}`);
      return facts.length === 0 ? [] : [block.heading === null ? facts : [block.heading, ...facts]];
    }
    case 'sites': {
      const sites = block.sites.flatMap(({ name, url }) => [
        `  ${t('mail.facts.site')}: ${name}`,
        `  ${url}`,
      ]);
      return sites.length === 0 ? [] : [[block.heading, ...sites]];
    }
  }
}

function deskLines(t: Translate, desk: SupportDesk): string[] {
  const lines = [t('support.heading'), `  ${desk.name}`];
  for (const key of ['phone', 'email', 'hours', 'url'] as const) {
    if (desk[key]) lines.push(`  ${t(`support.${key}`)}: ${desk[key]}`);
  }
  return lines;
}

function paragraphs(blocks: readonly string[][]): string {
  return `${blocks.map((lines) => lines.join('\r\n')).join('\r\n\r\n')}\r\n`;
}
