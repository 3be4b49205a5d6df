/** The pages of a login, each step one form: user ID, password, code, resend, cancel. */
import Router from '@koa/router';
import { readCode } from '../credentials/one-time-code.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import { show } from '../http/render.ts';
import { seeOther } from '../http/see-other.ts';
import type { NewMail } from '../mail/mail.ts';
import { finishLogin } from '../oidc/finish-login.ts';
import { readUserId } from '../users/user-id.ts';
import { checkPassword, type PasswordOutcome } from './check-password.ts';
import { codeLocals } from './code-page.ts';
import { type DeviceCookie, newDeviceCookie } from './device-cookie.ts';
import { askForMore, askPassword, askUserId, showUnmet } from './first-step.ts';
import { beginsWithPassword } from './needs.ts';
import { codePage } from './pages.ts';
import { showRefusal } from './problems.ts';
import { type RequestCodeOutcome, requestCode } from './request-code.ts';
import { type ResendOutcome, resendCode } from './resend-code.ts';
import { type LoginParts, loginSteps, type Step } from './steps.ts';
import { type VerifyOutcome, verifyCode } from './verify-code.ts';
import type { Visit } from './visit.ts';

const USER_ID_MOST = 128;

export function loginRoutes(parts: LoginParts): Router {
  const router = new Router({ prefix: '/interaction/:uid' });
  const { step, form, remember } = loginSteps(parts);
  const answer = outcomes(parts, remember);

  const askCode = async ({ ctx, base, csrf, interaction, visit }: Step, error: 'empty' | null) => {
    const silent = interaction.contract.policy.unknown_user === 'silent';
    const { attempt, mails } = await parts.uow.read(async (stores) => {
      const attempt = await stores.attempts.find(visit.attemptId);
      const codeId = silent ? null : (attempt?.codeId ?? null);
      return { attempt, mails: codeId === null ? [] : await stores.mails.statesOf(visit.attemptId, codeId) };
    });
    // There is none to enter yet: what comes first.
    if (!attempt?.codeId)
      return seeOther(ctx, attempt?.needs.includes('password') ? `${base}/password` : base);
    const { mailFrom, timeZone } = parts;
    const { contract, siteName } = interaction;
    const resent = ctx.query.resent === '1';
    const view = { base, csrf, siteName, contract, attempt, mails, mailFrom, timeZone, error, resent };
    await show(ctx, codePage, codeLocals({ ...view, now: visit.now }), error ? 400 : 200);
  };

  router.get(
    '/',
    step(async (current) => {
      if (await askForMore(current, parts.uow)) return;
      const userId = current.interaction.loginHint?.slice(0, USER_ID_MOST) ?? '';
      await askUserId(current, { userId, error: null, passwordError: null });
    }),
  );

  router.post(
    '/user-id',
    form(async (current, fields) => {
      const { interaction, visit, place } = current;
      const typed = (fields.get('user_id') ?? '').replace(/\p{Cc}/gu, '');
      const userId = readUserId(typed);
      const password = fields.get('password') ?? '';
      const signedIn = userId !== null && userId === interaction.stepUp?.userId;
      if (signedIn && fields.get('password') === '') {
        return askPassword(current, userId, { error: 'empty', stepUp: true });
      }
      const passwordMissing = password === '' && beginsWithPassword(interaction.contract.policy) && !signedIn;
      if (userId === null || passwordMissing) {
        const error = userId !== null ? null : typed.trim() ? 'too_long' : 'empty';
        const passwordError = passwordMissing ? 'empty' : null;
        return askUserId(current, { userId: typed.slice(0, USER_ID_MOST), error, passwordError });
      }
      const begun = { ...current, place: { ...place, hasAttempt: false } };
      if (password !== '') return answer.password(begun, { userId, typed: password });
      return answer.given(begun, await parts.uow.write((stores) => requestCode(stores, visit, userId)));
    }),
  );

  router.get(
    '/password',
    step(async (current) => {
      const { ctx, base, visit } = current;
      const attempt = await parts.uow.read(({ attempts }) => attempts.find(visit.attemptId));
      if (attempt?.codeId) return seeOther(ctx, `${base}/code`);
      if (!attempt?.needs.includes('password')) return seeOther(ctx, base);
      await askPassword(current, attempt.userId);
    }),
  );

  router.post(
    '/password',
    form(async (current, fields) => {
      const typed = fields.get('password') ?? '';
      if (typed !== '') return answer.password(current, { userId: null, typed });
      const { ctx, base, visit } = current;
      const attempt = await parts.uow.read(({ attempts }) => attempts.find(visit.attemptId));
      if (!attempt) return seeOther(ctx, base);
      await askPassword(current, attempt.userId, { error: 'empty' });
    }),
  );

  router.get(
    '/code',
    step((current) => askCode(current, null)),
  );

  router.post(
    '/code',
    form(async (current, fields) => {
      const typed = fields.get('code') ?? '';
      if (readCode(typed) === '') return askCode(current, 'empty');
      const cookie = current.cookie ?? newDeviceCookie(parts.secrets);
      const { visit } = current;
      const outcome = await parts.uow.write((stores) => verifyCode(stores, visit, typed, cookie.hash));
      await answer.given(current, outcome, cookie);
    }),
  );

  router.post(
    '/resend',
    form(async (current) =>
      answer.given(current, await parts.uow.write((stores) => resendCode(stores, current.visit))),
    ),
  );

  const giveUp = (error: string, description: string) =>
    form(async ({ ctx }) => {
      const given = { error, error_description: description };
      seeOther(ctx, await parts.running.current().interactionResult(ctx.req, ctx.res, given));
    });
  router.post('/cancel', giveUp('access_denied', 'the user gave the login up'));
  router.post(
    '/unmet',
    giveUp('unmet_authentication_requirements', 'the user cannot prove what the site asks for'),
  );

  // The addresses of forms, opened as pages (reload, bookmark, back button): the page that the form stands on.
  for (const stray of ['/user-id', '/cancel', '/unmet'])
    router.get(
      stray,
      step(async ({ ctx, base }) => seeOther(ctx, base)),
    );
  router.get(
    '/resend',
    step(async ({ ctx, base }) => seeOther(ctx, `${base}/code`)),
  );
  return router;
}

type Outcome = RequestCodeOutcome | PasswordOutcome | VerifyOutcome | ResendOutcome;

/** What each outcome of a step is answered with. */
function outcomes(parts: LoginParts, remember: (ctx: Step['ctx'], cookie: DeviceCookie) => void) {
  const deliver = (visit: Visit, mails: readonly NewMail[], code: OneTimeCode | null) => {
    if (visit.claim && mails.length > 0) parts.mailer.deliver(mails, code);
  };

  const given = async (current: Step, outcome: Outcome, cookie?: DeviceCookie): Promise<void> => {
    const { ctx, base, visit, place } = current;
    switch (outcome.kind) {
      case 'code_sent':
        deliver(visit, outcome.mails, outcome.code);
        return seeOther(ctx, `${base}/code`);
      case 'resent':
        deliver(visit, outcome.mails, outcome.code);
        return seeOther(ctx, `${base}/code?resent=1`);
      case 'password_asked':
        return seeOther(ctx, `${base}/password`);
      case 'no_attempt':
        return seeOther(ctx, base);
      case 'unmet':
        return showUnmet(current);
      case 'accepted': {
        deliver(visit, outcome.mails, null);
        const { user, factors, held } = outcome;
        const login = { user, factors, held, at: visit.now };
        const returnTo = await finishLogin(ctx, current.interaction, parts.uow, login);
        if (cookie) remember(ctx, cookie);
        return seeOther(ctx, returnTo);
      }
      default:
        return showRefusal(ctx, place, outcome);
    }
  };

  const password = async (current: Step, who: { userId: string | null; typed: string }) => {
    const cookie = current.cookie ?? newDeviceCookie(parts.secrets);
    const outcome = await checkPassword(parts, current.visit, who, cookie.hash);
    // A code cannot be entered on a page that was not reached.
    const { place } = current;
    const hasAttempt = place.hasAttempt && outcome.kind === 'wrong_password';
    await given({ ...current, place: { ...place, hasAttempt } }, outcome, cookie);
  };

  return { given, password };
}
