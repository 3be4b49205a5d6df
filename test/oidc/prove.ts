/** Goes through the pages of a login, whatever they ask for, and tells what it was. */
import type { Installation } from '../support/installation.ts';
import type { Page, RelyingParty, Tokens } from '../support/relying-party.ts';
import { addressOf, codeMail } from '../support/sign-in.ts';

export interface Person {
  readonly userId: string;
  readonly password?: string;
}

export interface Proven {
  /** The agent at the redirect URI. */
  readonly back: Page;
  /** What the pages asked for, in their order. */
  readonly asked: readonly string[];
}

const MOST_PAGES = 6;

/** Answers page after page as this person, until the browser is back at the site. */
export async function prove(at: Installation, first: Page, person: Person): Promise<Proven> {
  const asked: string[] = [];
  let page = first;
  let before = at.mail.mails.length;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    if (page.status === 0) return { back: page, asked };
    if (page.status !== 200)
      throw new Error(`${page.status} ${page.url} "${page.h1}" after ${asked.join(', ')}`);
    const known = at.mail.mails.length;
    const answers = await answersTo(at, page, person, before);
    asked.push(...Object.keys(answers));
    page = await page.submit(answers);
    before = known;
  }
  throw new Error(`the login does not end: ${asked.join(', ')}`);
}

/** What the first form of a page asks for; nothing where it has a button only, or names who is meant already. */
async function answersTo(
  at: Installation,
  page: Page,
  { userId, password = '' }: Person,
  before: number,
): Promise<Record<string, string>> {
  const { names, fields } = page.form({}, 0);
  if (names.has('code')) return { code: (await codeMail(at, addressOf(userId), before)).code ?? '' };
  return {
    ...(names.has('user_id') && fields.user_id === '' ? { user_id: userId } : {}),
    ...(names.has('password') ? { password } : {}),
  };
}

/** The same from the authorization request to the tokens. */
export async function proveAt(
  at: Installation,
  site: RelyingParty,
  first: Page,
  person: Person,
): Promise<{ tokens: Tokens; asked: readonly string[] }> {
  const { back, asked } = await prove(at, first, person);
  return { tokens: await site.finish(back), asked };
}
