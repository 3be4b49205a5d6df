/** Shows the page of each step of a recovery, and leads from any step to the one that comes next. */
import { hasPassword } from '../../contracts/login-methods.ts';
import { credentialFields } from '../../credentials/credentials-form.ts';
import type { CredentialFaults } from '../../credentials/new-credentials.ts';
import { show } from '../../http/render.ts';
import { seeOther } from '../../http/see-other.ts';
import { hashToken } from '../../secrets.ts';
import { codeLocals } from '../code-page.ts';
import type { LoginParts, Step } from '../steps.ts';
import { NOBODY } from '../visit.ts';
import {
  type QuestionLocals,
  questionPage,
  type RecoveryCodeLocals,
  recoveryCodePage,
  renewalPage,
  renewedPage,
  type StartLocals,
  startPage,
} from './pages.ts';
import { type RecoveryRefusal, showRecoveryRefusal } from './problems.ts';
import { findRecovering, type Recovering } from './renew-credentials.ts';
import { recoverable, type Stage, stageOf } from './stage.ts';

const USER_ID_MOST = 128;

/** Where each step has its page. */
const PAGES = {
  user_id: '',
  code: '/code',
  question: '/question',
  credentials: '/credentials',
  done: '/done',
} as const;

/** What is asked for next: 303 to its page. */
export async function goOn(step: Step, parts: LoginParts): Promise<void> {
  await goTo(step, await stageNow(step, parts));
}

/** Shows why a step could not be taken, unless it is behind the person already: sent twice, or from an old page. */
export async function refuseAt(
  asked: Stage,
  step: Step,
  parts: LoginParts,
  refusal: RecoveryRefusal = { kind: 'ended' },
): Promise<void> {
  const stage = await stageNow(step, parts);
  if (stage === asked) await showRecoveryRefusal(step, refusal);
  else await goTo(step, stage);
}

async function stageNow({ visit }: Step, { uow }: LoginParts): Promise<Stage> {
  return stageOf(await uow.read(({ attempts }) => attempts.find(visit.attemptId)), visit.now);
}

async function goTo(step: Step, stage: Stage): Promise<void> {
  if (stage === 'too_late') await showRecoveryRefusal(step, { kind: 'too_late' });
  else seeOther(step.ctx, `${step.base}/forgotten${PAGES[stage]}`);
}

function shared({ base, interaction, place }: Step) {
  const support = place.contract.policy.support_desk ?? null;
  return { siteName: interaction.siteName, loginUrl: base, support };
}

/** @param typed what was refused; undefined: whom the login was about */
export async function askUserId(
  step: Step,
  { uow }: LoginParts,
  typed?: Pick<StartLocals, 'userId' | 'error'>,
): Promise<void> {
  const { ctx, base, csrf, interaction, visit } = step;
  const { policy } = interaction.contract;
  const begun = await uow.read(
    async ({ attempts }) =>
      (await attempts.find(visit.attemptId)) ?? (await attempts.find(hashToken(interaction.uid))),
  );
  const known = begun?.userId ?? interaction.stepUp?.userId ?? interaction.loginHint ?? '';
  const { length } = policy.login_methods.filter(hasPassword);
  const locals: StartLocals = {
    ...shared(step),
    action: `${base}/forgotten/user-id`,
    csrf,
    userId: (typed?.userId ?? known).slice(0, USER_ID_MOST),
    digits: policy.code.digits,
    passwords: length === 0 ? 'none' : length === policy.login_methods.length ? 'all' : 'some',
    error: typed?.error ?? null,
  };
  await show(ctx, startPage, locals, locals.error ? 400 : 200);
}

export async function askCode(
  step: Step,
  { uow, mailFrom, timeZone }: LoginParts,
  error: RecoveryCodeLocals['error'] = null,
): Promise<void> {
  const { ctx, base, csrf, interaction, visit } = step;
  const attempt = await uow.read(({ attempts }) => attempts.find(visit.attemptId));
  const stage = stageOf(attempt, visit.now);
  if (!attempt || stage !== 'code') return goTo(step, stage);
  const { contract, siteName } = interaction;
  const resent = ctx.query.resent === '1';
  const view = { csrf, siteName, contract, attempt, mailFrom, timeZone, resent, now: visit.now };
  // What became of the mail is not shown: it would tell whether there was one.
  const { mail, ...rest } = codeLocals({ ...view, base: `${base}/forgotten`, mails: [], error: null });
  await show(ctx, recoveryCodePage, { ...rest, ...shared(step), error }, error ? 400 : 200);
}

export async function askQuestion(
  step: Step,
  { uow }: LoginParts,
  error: QuestionLocals['error'] = null,
): Promise<void> {
  const { ctx, base, csrf, visit } = step;
  const attempt = await uow.read(({ attempts }) => attempts.find(visit.attemptId));
  const stage = stageOf(attempt, visit.now);
  // Before anything is looked up that only some have.
  if (stage !== 'question') return goTo(step, stage);
  const { user, answer } = await uow.read(async (stores) => {
    const user = await recoverable(stores, await stores.users.find(attempt?.userSub ?? NOBODY), visit.now);
    return { user, answer: user && (await stores.answers.find(user.sub)) };
  });
  if (!user || !answer) return showRecoveryRefusal(step, { kind: 'ended' });
  const question = answer.question[visit.locale];
  const locals = { action: `${base}/forgotten/question`, csrf, userId: user.userId, question, error };
  await show(ctx, questionPage, { ...shared(step), ...locals }, error ? 400 : 200);
}

/** @param entered what was refused */
export async function askCredentials(
  step: Step,
  parts: LoginParts,
  entered?: { question: string; faults: CredentialFaults },
): Promise<void> {
  const { ctx, base, csrf, visit } = step;
  const who = await parts.uow.read((stores) => findRecovering(stores, visit));
  if (!who) return refuseAt('credentials', step, parts);
  ctx.state.scripted = true;
  const { siteName, loginUrl } = shared(step);
  const urls = { action: `${base}/forgotten/credentials`, loginUrl };
  const fields = credentialFields(
    credentialsOf(step, who),
    visit.locale,
    `${base}/forgotten/strength`,
    entered,
  );
  await show(ctx, renewalPage, { ...urls, csrf, siteName, fields }, entered ? 400 : 200);
}

/** Whose credentials are to be entered. */
export function credentialsOf({ place: { contract } }: Step, { user }: Recovering) {
  return { contract, userId: user.userId, method: user.loginMethod };
}

export async function showDone(step: Step, { uow }: LoginParts): Promise<void> {
  const { ctx, visit } = step;
  const attempt = await uow.read(({ attempts }) => attempts.find(visit.attemptId));
  const stage = stageOf(attempt, visit.now);
  if (!attempt || stage !== 'done') return goTo(step, stage);
  const { siteName, loginUrl } = shared(step);
  const { userId, method } = attempt;
  await show(ctx, renewedPage, { siteName, loginUrl, userId, password: hasPassword(method) });
}
