/** What mails say: subject, text and HTML in the reader's language. */

import type { Translate } from '../http/locale.ts';
import { translator } from '../http/locale.ts';
import { renderToString } from '../http/templates.ts';
import { type Letter, textOf } from './letter.ts';
import { type ClearCode, codeLetter, noticeLetter } from './login-letters.ts';
import type { MailContent, NewMail } from './mail.ts';
import { oneLine } from './mime.ts';
import { letterMail } from './pages.ts';
import {
  type Carried,
  handoverLetter,
  invitationCodeLetter,
  invitationLetter,
  invitationNoticeLetter,
  usersValidityLetter,
  validityLetter,
} from './user-letters.ts';

export type { Carried } from './user-letters.ts';

export interface Words {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Puts a mail into words.
 * @param carried what the mail carries in clear
 * @throws Error when a mail that needs a code or a registration URL has none
 */
export function wordsOf(mail: Pick<NewMail, 'content' | 'locale'>, carried: Carried): Words {
  const t = translator(mail.locale);
  const content = singleLines(mail.content);
  const letter = letterOf(t, content, carried);
  const { contractName, senderName, support } = content;
  const chrome = {
    locale: mail.locale,
    t,
    brand: { name: senderName, logoUrl: null, themeUrl: null },
    assets: '',
  };
  return {
    subject: letter.subject,
    text: textOf(letter, t, { contractName, support }),
    html: renderToString(letterMail, { ...letter, contractName, support }, chrome),
  };
}

function letterOf(t: Translate, content: MailContent, carried: Carried): Letter {
  const code = (): ClearCode => {
    if (!carried.code) throw new Error(`a mail of the kind ${content.kind} needs its code`);
    return carried.code;
  };
  switch (content.kind) {
    case 'login_code':
    case 'recovery_code':
      return codeLetter(t, content, code());
    case 'new_browser':
    case 'registered':
    case 'credentials_renewed':
      return noticeLetter(t, content);
    case 'invitation':
    case 'invitation_reminder':
      return invitationLetter(t, content, carried);
    case 'invitation_code':
      return invitationCodeLetter(t, content, code());
    case 'invitation_notice':
      return invitationNoticeLetter(t, content);
    case 'handover':
      return handoverLetter(t, content, { ...carried, code: code() });
    case 'validity_ends':
      return validityLetter(t, content);
    case 'user_validity_ends':
      return usersValidityLetter(t, content);
  }
}

/** No name can begin a line of its own: a code or a link in a mail is always ours. */
function singleLines<T>(value: T): T {
  if (typeof value === 'string') return oneLine(value) as T;
  if (Array.isArray(value)) return value.map(singleLines) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, singleLines(inner)])) as T;
}
