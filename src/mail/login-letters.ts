/** What mails about a request of a browser say: codes to type, and notices of what was done. */
import { formatDateTime, type Translate } from '../http/locale.ts';
import type { Block, Fact, Letter } from './letter.ts';
import type { AboutLogin, MailContent } from './mail.ts';

/** A one-time code in clear. It lives only as long as its mail is being made and sent. */
export interface ClearCode {
  readonly digits: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

type Content<Kind extends MailContent['kind']> = Extract<MailContent, { kind: Kind }>;

/** The code for a login, or for new credentials when the old are forgotten. */
export function codeLetter(
  t: Translate,
  content: Content<'login_code' | 'recovery_code'>,
  code: ClearCode,
): Letter {
  const { kind, siteName: site, timeZone, requestedAt } = content;
  return {
    subject: t(`mail.${kind}.subject`, { site }),
    intro: t(`mail.${kind}.intro`, { site }),
    blocks: [
      {
        kind: 'code',
        label: t('mail.login_code.label'),
        value: code.digits,
        note: t('mail.login_code.expires', { time: formatDateTime(code.expiresAt, timeZone) }),
      },
      words(t(`mail.${kind}.how`)),
      { ...words(t('mail.login_code.never_ask')), strong: true },
      facts(t, t('mail.login_code.requested'), content, requestedAt),
      words(t(`mail.${kind}.not_you`)),
    ],
  };
}

/** A login from a new browser, or new credentials. */
export function noticeLetter(
  t: Translate,
  content: Content<'new_browser' | 'registered' | 'credentials_renewed'>,
): Letter {
  const { kind, siteName: site, at } = content;
  const effect = kind === 'credentials_renewed' ? [words(t(`mail.${kind}.effect`))] : [];
  return {
    subject: t(`mail.${kind}.subject`, { site }),
    intro: t(`mail.${kind}.intro`, { site }),
    blocks: [
      ...effect,
      facts(t, t(`mail.${kind}.facts`), content, at),
      words(t(`mail.${kind}.was_you`)),
      { ...words(t(`mail.${kind}.not_you`)), strong: true },
    ],
  };
}

/** A paragraph. */
export function words(...lines: readonly string[]): Extract<Block, { kind: 'words' }> {
  return { kind: 'words', lines };
}

function facts(
  t: Translate,
  heading: string,
  { kind, siteName, browser, address, timeZone }: AboutLogin & Pick<MailContent, 'kind'>,
  at: number,
): Block {
  const facts: Fact[] = [
    // An invitation is a contract's, and of no site.
    { name: t(kind === 'registered' ? 'mail.facts.service' : 'mail.facts.site'), value: siteName },
    { name: t('mail.facts.at'), value: formatDateTime(at, timeZone) },
    { name: t('mail.facts.browser'), value: browser },
    { name: t('mail.facts.address'), value: address },
  ];
  return { kind: 'facts', heading, facts };
}
