/** What mails about a user who was entered say: invitations, what is to be handed over, and dates that end. */
import { formatDateTime, type Translate } from '../http/locale.ts';
import type { Block, Fact, Letter } from './letter.ts';
import { type ClearCode, words } from './login-letters.ts';
import type { AboutUser, Administrator, MailContent } from './mail.ts';

/** What registers credentials, in clear. It lives only as long as its mail is being made and sent. */
export interface Carried {
  readonly code: ClearCode | null;
  readonly registrationUrl: string | null;
}

type Content<Kind extends MailContent['kind']> = Extract<MailContent, { kind: Kind }>;

/** To the user: registration URL, with the initial OTP or apart from it. */
export function invitationLetter(
  t: Translate,
  content: Content<'invitation' | 'invitation_reminder'>,
  { code, registrationUrl }: Carried,
): Letter {
  const { kind } = content;
  const site = siteOf(content);
  return {
    subject: t(`mail.${kind}.subject`, { site }),
    intro: t(`mail.${kind}.intro`, { site }),
    blocks: [
      factsOf(fact(t, 'user_id', content.userId), fact(t, 'register_until', at(content, content.expiresAt))),
      link(t, registrationUrl),
      ...(code ? [initialOtp(t, content, code)] : []),
      words(t(code ? 'mail.invitation.how' : `mail.${kind}.how_apart`)),
      { ...words(t('mail.invitation.never_ask')), strong: true },
      ...places(t, content),
      words(t('mail.delete_if_not_you')),
    ],
  };
}

/** To the user: the initial OTP alone. It does not name the user, so that neither mail is enough without the other. */
export function invitationCodeLetter(
  t: Translate,
  content: Content<'invitation_code'>,
  code: ClearCode,
): Letter {
  const site = siteOf(content);
  return {
    subject: t('mail.invitation_code.subject', { site }),
    intro: t('mail.invitation_code.intro', { site }),
    blocks: [
      initialOtp(t, content, code),
      words(t('mail.invitation_code.how')),
      { ...words(t('mail.invitation.never_ask')), strong: true },
      words(t('mail.delete_if_not_you')),
    ],
  };
}

/** To the user: that the administrator hands over user ID and initial OTP, which therefore are not named. */
export function invitationNoticeLetter(t: Translate, content: Content<'invitation_notice'>): Letter {
  const site = siteOf(content);
  const by = content.administrator ? [fact(t, 'administrator', nameOf(content.administrator))] : [];
  return {
    subject: t('mail.invitation_notice.subject', { site }),
    intro: t('mail.invitation_notice.intro', { site }),
    blocks: [
      factsOf(...by),
      words(t('mail.invitation_notice.how')),
      ...places(t, content),
      words(t('mail.invitation_notice.not_you')),
    ],
  };
}

/** To the administrator: what is to be handed over. */
export function handoverLetter(
  t: Translate,
  content: Content<'handover'>,
  { code, registrationUrl }: Carried,
): Letter {
  return {
    subject: t('mail.handover.subject', { contract: content.contractName }),
    intro: t('mail.handover.intro'),
    blocks: [
      factsOf(fact(t, 'user_id', content.userId), fact(t, 'register_until', at(content, content.expiresAt))),
      link(t, registrationUrl),
      ...(code ? [initialOtp(t, content, code)] : []),
      ...places(t, content),
      { ...words(t('mail.handover.how')), strong: true },
      words(t('mail.handover.next')),
    ],
  };
}

/** To the user: login will not be possible any more. */
export function validityLetter(t: Translate, content: Content<'validity_ends'>): Letter {
  const site = siteOf(content);
  return {
    subject: t('mail.validity_ends.subject', { site }),
    intro: t('mail.validity_ends.intro', { site }),
    blocks: [
      factsOf(fact(t, 'user_id', content.userId)),
      ...places(t, content),
      words(t('mail.validity_ends.next')),
    ],
  };
}

/** To the administrator: whose login will not be possible any more. */
export function usersValidityLetter(t: Translate, content: Content<'user_validity_ends'>): Letter {
  const { contractName: contract, timeZone, users } = content;
  return {
    subject: t('mail.user_validity_ends.subject', { contract }),
    intro: t('mail.user_validity_ends.intro'),
    blocks: [
      {
        kind: 'facts',
        heading: t('mail.user_validity_ends.list'),
        facts: users.map(({ userId, validUntil }) => ({
          name: userId,
          value: lastMoment(validUntil, timeZone),
        })),
      },
      words(t('mail.user_validity_ends.next')),
    ],
  };
}

/** Of one site its name, of several (or none) the contract's. */
function siteOf({ sites, contractName }: AboutUser): string {
  const [only, ...more] = sites;
  return only && more.length === 0 ? only.name : contractName;
}

function at({ timeZone }: AboutUser, ms: number): string {
  return formatDateTime(ms, timeZone);
}

/** The end of a day is written as its last second: at midnight people would read the day after. */
function lastMoment(validUntil: number, timeZone: string): string {
  const end = formatDateTime(validUntil, timeZone);
  return end.endsWith(' 00:00:00') ? formatDateTime(validUntil - 1000, timeZone) : end;
}

function fact(
  t: Translate,
  name: 'user_id' | 'register_until' | 'valid_until' | 'administrator',
  value: string,
): Fact {
  return { name: t(`mail.facts.${name}`), value };
}

function factsOf(...facts: readonly Fact[]): Block {
  return { kind: 'facts', heading: null, facts };
}

function link(t: Translate, url: string | null): Block {
  if (url === null) throw new Error('an invitation needs its registration URL');
  return { kind: 'link', label: t('mail.registration_url'), url };
}

function initialOtp(t: Translate, content: AboutUser, { digits, expiresAt }: ClearCode): Block {
  const note = t('mail.login_code.expires', { time: at(content, expiresAt) });
  return { kind: 'code', label: t('mail.initial_otp'), value: digits, note };
}

/** Where the user can log in, and until when. */
function places(t: Translate, { sites, validUntil, timeZone }: AboutUser): Block[] {
  const until = validUntil === null ? [] : [fact(t, 'valid_until', lastMoment(validUntil, timeZone))];
  return [factsOf(...until), { kind: 'sites', heading: t('mail.sites'), sites }];
}

function nameOf({ company, name }: Administrator): string {
  return company === null ? name : `${company} ${name}`;
}
