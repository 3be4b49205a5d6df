/** What the tests of forgotten credentials share: people who can register anew, the steps, and looks into the database. */
import { expect } from '@jest/globals';
import type { PolicyInput } from '../../src/contracts/policy.ts';
import { DEFAULT_SECRET_QUESTIONS } from '../../src/contracts/secret-questions.ts';
import { foldAnswer } from '../../src/credentials/secret-answer.ts';
import { type Locale, type MessageKey, translator } from '../../src/http/locale.ts';
import type { RecoveryProblemKind } from '../../src/login/forgotten/pages.ts';
import { recoveryVisit } from '../../src/login/forgotten/stage.ts';
import type { Visit } from '../../src/login/visit.ts';
import { sampleVisit } from '../login/steps.ts';
import type { Installation, UserInput } from '../support/installation.ts';
import { Agent, type Page, type RelyingParty } from '../support/relying-party.ts';
import { addressOf, codeMail } from '../support/sign-in.ts';

/** All methods, and limits that only tests of them meet. */
export const POLICY: PolicyInput = {
  login_methods: ['otp', 'password', 'password+otp'],
  rates: { tries_per_address: { points: 100_000 }, code_requests_per_address: { points: 100_000 } },
};

export const OLD_PASSWORD = 'mukashi no kagi 53 desu';
export const NEW_PASSWORD = 'atarashii kagi wa 8 kko';
export const OLD_ANSWER = 'ポチ';
export const QUESTION = DEFAULT_SECRET_QUESTIONS[2] ?? { id: '', ja: '', en: '' };

export const ENTRIES = {
  question: 'first_school',
  answer: '関所小学校',
  password: NEW_PASSWORD,
  password_again: NEW_PASSWORD,
};
export const ENTRIES_WITHOUT_PASSWORD = { question: ENTRIES.question, answer: ENTRIES.answer };

/** A user with a secret answer, and with a password unless the method is `otp`. @returns the sub */
export async function addRegistered(
  at: Installation,
  userId: string,
  input: UserInput = {},
): Promise<string> {
  const method = input.method ?? 'password';
  const sub = await at.addUser(userId, {
    method,
    ...(method === 'otp' ? {} : { password: OLD_PASSWORD }),
    ...input,
  });
  await setAnswer(at, sub, OLD_ANSWER);
  return sub;
}

export async function setAnswer(at: Installation, userSub: string, typed: string): Promise<void> {
  const hash = await at.server.hasher.hash('secret answer', foldAnswer(typed));
  const now = at.clock.now();
  await at.server.uow.write(({ answers }) =>
    answers.set({ userSub, question: QUESTION, hash, createdAt: now, updatedAt: now }),
  );
}

/** The first page of a recovery, in a login that was begun for it, also where somebody is signed in. */
export async function openForgotten(site: RelyingParty, agent: Agent = new Agent()): Promise<Page> {
  const first = await site.begin(agent, { prompt: 'login' });
  return agent.open(`${first.url}/forgotten`);
}

/** From the first page to the one that asks for the code, and the code. */
export async function askForRecoveryCode(
  at: Installation,
  start: Page,
  userId: string,
  locale: Locale = 'ja',
): Promise<{ page: Page; code: string }> {
  const before = at.mail.mails.length;
  const page = await start.submit({ user_id: userId });
  expectPage(page, 'login.code.title', 200, locale);
  await at.server.mailer.tick();
  const mail = await codeMail(at, addressOf(userId), before);
  return { page, code: mail.code ?? '' };
}

/** To the page that asks the secret question. */
export async function atQuestion(
  at: Installation,
  site: RelyingParty,
  userId: string,
  agent: Agent = new Agent(),
): Promise<Page> {
  const { page, code } = await askForRecoveryCode(at, await openForgotten(site, agent), userId);
  const question = await page.submit({ code });
  expectPage(question, 'credentials.question.label', 200);
  return question;
}

/** To the page that asks for new credentials. */
export async function atNewCredentials(
  at: Installation,
  site: RelyingParty,
  userId: string,
  agent: Agent = new Agent(),
): Promise<Page> {
  const page = await (await atQuestion(at, site, userId, agent)).submit({ answer: OLD_ANSWER });
  expectPage(page, 'forgotten.credentials.title', 200);
  return page;
}

/** A path beside the page: another step of the same recovery. */
export function beside(page: Page, path: string): string {
  return `${page.url.replace(/\/forgotten.*$/, '')}/forgotten${path}`;
}

export function expectPage(page: Page, title: MessageKey, status: number, locale: Locale = 'ja'): void {
  expect({ status: page.status, h1: page.h1 }).toEqual({ status, h1: translator(locale)(title) });
}

const OWN: readonly RecoveryProblemKind[] = ['off', 'code_expired', 'too_late', 'ended'];

export function expectProblem(page: Page, kind: RecoveryProblemKind, status: number): void {
  const t = translator('ja');
  const words = OWN.includes(kind) ? 'forgotten.problem.' : 'login.problem.';
  expect({ status: page.status, h1: page.h1 }).toEqual({
    status,
    h1: expect.stringContaining(t(`${words}${kind}.title` as MessageKey)),
  });
  expect(page.html).toContain(t(`${words}${kind}.text` as MessageKey));
  expect(page.links.some(({ href }) => /\/interaction\/[\w-]+$/.test(href))).toBe(true);
}

/** What is kept of a user's credentials. */
export function kept(at: Installation, sub: string) {
  return at.server.uow.read(async ({ users, passwords, answers }) => ({
    state: (await users.find(sub))?.state,
    password: (await passwords.find(sub))?.hash,
    answer: (await answers.find(sub))?.hash,
  }));
}

/** Whether a password is the user's. */
export async function opens(at: Installation, sub: string, password: string): Promise<boolean> {
  const { password: hash } = await kept(at, sub);
  return (await at.server.hasher.verify('password', hash ?? null, password)).right;
}

/** What a verb is told of a request in the recovery that a page belongs to. */
export async function visitOf(at: Installation, page: Page, changes: Partial<Visit> = {}): Promise<Visit> {
  const uid = /interaction\/([\w-]+)/.exec(page.url)?.[1] ?? '';
  return recoveryVisit(await sampleVisit(at, changes), uid);
}
