/** What the tests of the registration share: invitations, the steps, and looks into the database. */
import { expect } from '@jest/globals';
import type { PolicyInput } from '../../src/contracts/policy.ts';
import { issueInvitation, registrationUrl } from '../../src/credentials/invitation.ts';
import type { Invitation } from '../../src/credentials/invitation-store.ts';
import { deriveCode } from '../../src/credentials/one-time-code.ts';
import { translator } from '../../src/http/locale.ts';
import type { ProblemKind } from '../../src/registration/pages.ts';
import { Agent, type Page } from '../support/agent.ts';
import { CONTRACT, type Installation, type UserInput } from '../support/installation.ts';

/** All methods, so that users of each can be invited. */
export const METHODS: PolicyInput = { login_methods: ['otp', 'password', 'password+otp'] };

/** Long enough alone, and in no list. */
export const PASSWORD = 'nagaku-furu 雨と 7 hiki no kani';

export const ENTRIES = {
  question: 'first_pet',
  answer: 'ポチ',
  password: PASSWORD,
  password_again: PASSWORD,
};
export const ENTRIES_WITHOUT_PASSWORD = { question: 'first_pet', answer: 'ポチ' };

export interface Invited {
  readonly sub: string;
  readonly userId: string;
  readonly url: string;
  readonly code: string;
  readonly invitation: Invitation;
}

/** Enters a user who is to register, and makes the invitation. */
export async function invite(at: Installation, userId: string, input: UserInput = {}): Promise<Invited> {
  const sub = await at.addUser(userId, { state: 'invited', method: 'password', ...input });
  return inviteAgain(at, sub);
}

/** A new invitation of a user. */
export async function inviteAgain(at: Installation, sub: string): Promise<Invited> {
  const { uow, secrets } = at.server;
  return uow.write(async (stores) => {
    const user = await stores.users.find(sub);
    const contract = await stores.contracts.find(user?.contractId ?? CONTRACT);
    if (!user || !contract) throw new Error('no such user');
    const now = at.clock.now();
    const { invitation, code } = await issueInvitation(stores, secrets, user, contract.policy, now);
    const url = registrationUrl(at.issuer, secrets, invitation);
    return { sub, userId: user.userId, url, code: deriveCode(secrets, code), invitation };
  });
}

/** Opens the URL in a browser of its own. */
export function openInvitation({ url }: Invited, agent: Agent = new Agent()): Promise<Page> {
  return agent.open(url);
}

/** From the URL to the page that asks for the credentials. */
export async function atCredentials(invited: Invited, agent: Agent = new Agent()): Promise<Page> {
  const page = await (await openInvitation(invited, agent)).submit({ code: invited.code });
  expectPage(page, 'register.step.credentials', 200);
  return page;
}

type PageTitle = 'register.step.code' | 'register.step.credentials' | 'register.step.done';

export function expectPage(page: Page, title: PageTitle, status: number): void {
  expect({ status: page.status, h1: page.h1 }).toEqual({ status, h1: translator('ja')(title) });
}

export function expectProblem(page: Page, kind: ProblemKind, status: number): void {
  const t = translator('ja');
  const h1 = t('page.error') + t(`register.problem.${kind}.title`);
  expect({ status: page.status, h1: page.h1 }).toEqual({ status, h1 });
  expect(page.html).toContain(t(`register.problem.${kind}.text`));
}

/** What is kept of a user's credentials. */
export function kept(at: Installation, sub: string) {
  return at.server.uow.read(async ({ users, passwords, answers, invitations }) => ({
    state: (await users.find(sub))?.state,
    password: (await passwords.find(sub))?.hash ?? null,
    answer: await answers.find(sub),
    spent: ((await invitations.ofUser(sub))?.spentAt ?? null) !== null,
  }));
}

/** Nothing has been registered. */
export const NOTHING = { password: null, answer: undefined, spent: false };
