/** What mails say: subject, text and HTML in the reader's language. */
import { formatDateTime, type Translate, translator } from '../http/locale.ts';
import type { SupportDesk } from '../http/page.ts';
import { renderToString } from '../http/templates.ts';
import type { MailContent, NewMail } from './mail.ts';
import { oneLine } from './mime.ts';
import { loginCodeMail, newBrowserMail } from './pages.ts';

/** A one-time code in clear. It lives only as long as its mail is being made and sent. */
export interface ClearCode {
  readonly digits: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface Words {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Puts a mail into words.
 * @param code for a `login_code` mail
 * @throws Error when a mail that needs a code has none
 */
export function wordsOf(mail: Pick<NewMail, 'content' | 'locale'>, code: ClearCode | null): Words {
  const t = translator(mail.locale);
  const content = singleLines(mail.content);
  const brand = { name: content.senderName, logoUrl: null, themeUrl: null };
  const chrome = { locale: mail.locale, t, brand, assets: '' };
  const time = (ms: number) => formatDateTime(ms, content.timeZone);
  const { siteName, contractName, browser, address, support } = content;
  const facts = { siteName, contractName, browser, address, support };
  switch (content.kind) {
    case 'login_code': {
      if (!code) throw new Error('a login_code mail needs its code');
      const expiresAt = time(code.expiresAt);
      const requestedAt = time(content.requestedAt);
      const digits = code.digits.length;
      return {
        subject: t('mail.login_code.subject', { site: siteName }),
        text: loginCodeText(t, content, requestedAt, { digits: code.digits, expiresAt }),
        html: renderToString(
          loginCodeMail,
          { ...facts, code: code.digits, digits, expiresAt, requestedAt },
          chrome,
        ),
      };
    }
    case 'new_browser': {
      const at = time(content.at);
      return {
        subject: t('mail.new_browser.subject', { site: siteName }),
        text: newBrowserText(t, content, at),
        html: renderToString(newBrowserMail, { ...facts, at }, chrome),
      };
    }
  }
}

/** The code stands alone on its line, in ASCII digits, so that it can be selected, read aloud and filled in. */
function loginCodeText(
  t: Translate,
  content: MailContent,
  requestedAt: string,
  code: { digits: string; expiresAt: string },
): string {
  return paragraphs([
    [t('mail.login_code.intro', { site: content.siteName })],
    [code.digits],
    [t('mail.login_code.expires', { time: code.expiresAt }), t('mail.login_code.how')],
    [t('mail.login_code.never_ask')],
    [t('mail.login_code.requested'), ...facts(t, content, requestedAt)],
    [t('mail.login_code.not_you')],
    ...ending(t, content),
  ]);
}

function newBrowserText(t: Translate, content: MailContent, at: string): string {
  return paragraphs([
    [t('mail.new_browser.intro', { site: content.siteName })],
    [t('mail.new_browser.facts'), ...facts(t, content, at)],
    [t('mail.new_browser.was_you'), t('mail.new_browser.not_you')],
    ...ending(t, content),
  ]);
}

function facts(t: Translate, content: MailContent, at: string): string[] {
  return [
    `  ${t('mail.facts.site')}: ${content.siteName}`,
    `  ${t('mail.facts.at')}: ${at}`,
    `  ${t('mail.facts.browser')}: ${content.browser}`,
    `  ${t('mail.facts.address')}: ${content.address}`,
  ];
}

function ending(t: Translate, content: MailContent): string[][] {
  const desk = content.support ? [deskLines(t, content.support)] : [];
  return [...desk, [t('mail.automatic', { contract: content.contractName })]];
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

/** No name can begin a line of its own: a code or a link in a mail is always ours. */
function singleLines(content: MailContent): MailContent {
  const clean = Object.entries(content).map(([key, value]) => [
    key,
    typeof value === 'string' ? oneLine(value) : value,
  ]);
  return {
    ...(Object.fromEntries(clean) as MailContent),
    support: content.support && singleLineDesk(content.support),
  };
}

function singleLineDesk(desk: SupportDesk): SupportDesk {
  const { name, email, phone, hours, url } = desk;
  const clean = (text?: string) => text && oneLine(text);
  return {
    name: oneLine(name),
    email: clean(email),
    phone: clean(phone),
    hours: clean(hours),
    url: clean(url),
  };
}
