/** A login as a person does it: user ID, the mail, the code. */
import type { Installation } from './installation.ts';
import type { ReceivedMail } from './received-mail.ts';
import type { Agent, Page, RelyingParty, Tokens } from './relying-party.ts';

export interface SignedIn {
  readonly tokens: Tokens;
  /** The agent before the redirect URI, with `code` and `state` in its address (or in `posted`). */
  readonly back: Page;
  /** The ID token's subject. */
  readonly sub: string;
}

/**
 * Signs a user in at a site and exchanges the code.
 * @param userId whose mail goes to `address`
 * @param extra parameters of the authorization request
 */
export async function signIn(
  at: Installation,
  site: RelyingParty,
  agent: Agent,
  userId: string,
  extra: Record<string, string> = {},
  address = addressOf(userId),
): Promise<SignedIn> {
  const back = await answerPages(at, await site.begin(agent, extra), userId, address);
  const tokens = await site.finish(back);
  return { tokens, back, sub: tokens.claims()?.sub ?? '' };
}

/** From the page that asks for the user ID to the end of the redirects after the code. */
export async function answerPages(
  at: Installation,
  first: Page,
  userId: string,
  address = addressOf(userId),
): Promise<Page> {
  const { page, mail } = await askForCode(at, first, userId, address);
  return page.submit({ code: mail.code ?? '' });
}

/** From the page that asks for the user ID to the one that asks for the code, and the mail with it. */
export async function askForCode(
  at: Installation,
  first: Page,
  userId: string,
  address = addressOf(userId),
): Promise<{ page: Page; mail: ReceivedMail }> {
  const before = at.mail.mails.length;
  const page = await first.submit({ user_id: userId });
  return { page, mail: await codeMail(at, address, before) };
}

/** The same as `signIn` for a user with a password; the code is entered where one is asked for. */
export async function signInWithPassword(
  at: Installation,
  site: RelyingParty,
  agent: Agent,
  userId: string,
  password: string,
  extra: Record<string, string> = {},
): Promise<SignedIn> {
  const back = await answerWithPassword(at, await site.begin(agent, extra), userId, password);
  const tokens = await site.finish(back);
  return { tokens, back, sub: tokens.claims()?.sub ?? '' };
}

/** From the first page of a login to the end of the redirects after its last. */
export async function answerWithPassword(
  at: Installation,
  first: Page,
  userId: string,
  password: string,
  address = addressOf(userId),
): Promise<Page> {
  const before = at.mail.mails.length;
  const page = await enterPassword(first, userId, password);
  if (!page.forms.some(({ names }) => names.has('code'))) return page;
  const mail = await codeMail(at, address, before);
  return page.submit({ code: mail.code ?? '' });
}

/** User ID and password, on one page or on two: what comes after them. */
export async function enterPassword(first: Page, userId: string, password: string): Promise<Page> {
  if (first.forms.some(({ names }) => names.has('password'))) {
    return first.submit({ user_id: userId, password });
  }
  return (await first.submit({ user_id: userId })).submit({ password });
}

/**
 * The next mail with a code to an address.
 * @param before how many mails there were before: older ones do not count
 */
export function codeMail(at: Installation, address: string, before: number): Promise<ReceivedMail> {
  return at.mail.waitFor(
    (mail) =>
      mail.envelope.to.includes(address) && mail.code !== undefined && at.mail.mails.indexOf(mail) >= before,
  );
}

/** Where `Installation.addUser` sends a user's mail unless it is told otherwise. */
export function addressOf(userId: string): string {
  return `${userId}@user.example`;
}
