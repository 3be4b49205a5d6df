/** What the tests of the login journey share: single steps, and looks into the database and the pages. */
import { expect, jest } from '@jest/globals';
import type { LoginResult } from '../../src/audit/store.ts';
import { translator } from '../../src/http/locale.ts';
import type { ProblemKind } from '../../src/login/pages.ts';
import type { Visit } from '../../src/login/visit.ts';
import { newId } from '../../src/secrets.ts';
import { CONTRACT, type Installation, startWithSite } from '../support/installation.ts';
import type { ReceivedMail } from '../support/received-mail.ts';
import { Agent, type Answer, type Page, type RelyingParty } from '../support/relying-party.ts';
import { askForCode } from '../support/sign-in.ts';

/** Starts a login and asks for a code: the page that wants it, and the mail with it. */
export async function begin(
  at: Installation,
  site: RelyingParty,
  agent: Agent,
  userId: string,
): Promise<{ page: Page; mail: ReceivedMail; code: string }> {
  const asked = await askForCode(at, await site.begin(agent), userId);
  expect(asked.page.status).toBe(200);
  return { ...asked, code: asked.mail.code ?? '' };
}

/** An installation with a user who is asked for the code that was mailed. */
export async function startAtCode(userId: string): Promise<{
  at: Installation;
  site: RelyingParty;
  sub: string;
  page: Page;
  code: string;
}> {
  const { at, site } = await startWithSite({});
  const sub = await at.addUser(userId);
  return { at, site, sub, ...(await begin(at, site, new Agent(), userId)) };
}

/** Sends a form of a page without following where the answer leads. */
export function post(page: Page, fields: Record<string, string> = {}, which?: string): Promise<Answer> {
  const form = page.form(fields, which);
  return page.agent.post(form.action, { ...form.fields, ...fields }, { from: page.url });
}

/** Another code of the same length. */
export function wrong(code: string, step = 1): string {
  return String((Number(code) + step) % 10 ** code.length).padStart(code.length, '0');
}

/** Enters wrong codes, one after the other. @returns the last answer */
export async function enterWrong(page: Page, code: string, times: number): Promise<Page> {
  let last = page;
  for (let step = 1; step <= times; step += 1) last = await page.submit({ code: wrong(code, step) });
  return last;
}

/** Whether the answer leads back to the provider to complete the login. */
export function completes(answer: Answer): boolean {
  return answer.status === 303 && /\/auth\/[\w-]+$/.test(answer.location ?? '');
}

/** Where a page leads: links and forms, without the jump to its own main part. */
export function ways(page: Page): string[] {
  const links = page.links.map(({ href }) => href).filter((href) => !href.includes('#'));
  return [...links, ...page.forms.map(({ action }) => action)];
}

/** Expects the page of a problem, which must lead on. */
export function expectProblem(page: Page, kind: ProblemKind, status: number): void {
  const t = translator('ja');
  expect({ status: page.status, h1: page.h1 }).toEqual({
    status,
    h1: expect.stringContaining(t(`login.problem.${kind}.title`)),
  });
  expect(page.html).toContain(t(`login.problem.${kind}.text`));
  expect(ways(page)).not.toHaveLength(0);
}

/** All rows of a table. */
export function rows<R = Record<string, unknown>>(at: Installation, table: string): Promise<R[]> {
  return at.server.database.read((reader) => reader.query<R>((knex) => knex(table)));
}

/** Results in the login history, oldest first; of one user when named. */
export async function results(at: Installation, sub?: string | null): Promise<LoginResult[]> {
  const events = await rows<{ user_sub: string | null; result: LoginResult; at: number }>(at, 'login_events');
  return events
    .filter((event) => sub === undefined || event.user_sub === sub)
    .sort((a, b) => a.at - b.at)
    .map((event) => event.result);
}

const machine = Date.now.bind(Date);
let ahead = 0;

/**
 * Moves the time that the whole program sees, the provider's own included, once all mails have settled: what is on its
 * way belongs to the present.
 */
export async function later(at: Installation, ms: number): Promise<void> {
  await at.server.mailer.idle();
  ahead += ms;
  jest.spyOn(Date, 'now').mockImplementation(() => machine() + ahead);
}

/** What a verb is told of a request to the contract of the tests, or to another. */
export async function sampleVisit(
  at: Installation,
  { contractId = CONTRACT, ...changes }: Partial<Visit> & { contractId?: string } = {},
): Promise<Visit> {
  const contract = await at.server.contracts.find(contractId);
  if (!contract) throw new Error('no such contract');
  return {
    attemptId: newId(),
    contract,
    client: { id: 'client', name: 'site' },
    demand: null,
    stepUp: null,
    address: '192.0.2.1',
    addressBucket: '192.0.2.1',
    browser: '-',
    deviceCookie: null,
    locale: 'ja',
    timeZone: 'UTC',
    secrets: at.server.secrets,
    now: at.clock.now(),
    claim: null,
    ...changes,
  };
}
