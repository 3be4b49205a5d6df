/** The pages of a login, each step one form: user ID, code, resend, cancel. */
import Router from '@koa/router';
import { readCode } from '../credentials/one-time-code.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import { show } from '../http/render.ts';
import { seeOther } from '../http/see-other.ts';
import type { NewMail } from '../mail/mail.ts';
import { finishLogin } from '../oidc/finish-login.ts';
import { readUserId } from '../users/user-id.ts';
import { codeLocals } from './code-page.ts';
import { newDeviceCookie } from './device-cookie.ts';
import { codePage, userIdPage } from './pages.ts';
import { showRefusal } from './problems.ts';
import { requestCode } from './request-code.ts';
import { resendCode } from './resend-code.ts';
import { type LoginParts, loginSteps, type Step } from './steps.ts';
import { verifyCode } from './verify-code.ts';
import type { Visit } from './visit.ts';

const USER_ID_MOST = 128;

export function loginRoutes(parts: LoginParts): Router {
  const router = new Router({ prefix: '/interaction/:uid' });
  const { step, form, remember } = loginSteps(parts);

  const deliver = (visit: Visit, mails: readonly NewMail[], code: OneTimeCode | null) => {
    if (visit.claim && mails.length > 0) parts.mailer.deliver(mails, code);
  };

  const askUserId = (
    { ctx, base, csrf, interaction }: Step,
    userId: string,
    error: 'empty' | 'too_long' | null,
  ) =>
    show(
      ctx,
      userIdPage,
      {
        action: `${base}/user-id`,
        cancelAction: `${base}/cancel`,
        csrf,
        siteName: interaction.siteName,
        userId,
        error,
      },
      error ? 400 : 200,
    );

  const askCode = async ({ ctx, base, csrf, interaction, visit }: Step, error: 'empty' | null) => {
    const found = await parts.uow.read(async ({ attempts, mails }) => {
      const attempt = await attempts.find(visit.attemptId);
      const silent = interaction.contract.policy.unknown_user === 'silent';
      return attempt && { attempt, mails: silent ? [] : await mails.statesOf(attempt.id, attempt.codeId) };
    });
    // Nobody has given a user ID yet: that comes first.
    if (!found) return seeOther(ctx, base);
    const { mailFrom, timeZone } = parts;
    const { contract, siteName } = interaction;
    const resent = ctx.query.resent === '1';
    const view = {
      base,
      csrf,
      siteName,
      contract,
      mailFrom,
      timeZone,
      now: visit.now,
      error,
      resent,
      ...found,
    };
    await show(ctx, codePage, codeLocals(view), error ? 400 : 200);
  };

  router.get(
    '/',
    step((current) => askUserId(current, current.interaction.loginHint?.slice(0, USER_ID_MOST) ?? '', null)),
  );

  router.post(
    '/user-id',
    form(async (current, fields) => {
      const typed = (fields.get('user_id') ?? '').replace(/\p{Cc}/gu, '');
      const userId = readUserId(typed);
      if (userId === null) {
        return askUserId(current, typed.slice(0, USER_ID_MOST), typed.trim() ? 'too_long' : 'empty');
      }
      const { ctx, visit, place, base } = current;
      const outcome = await parts.uow.write((stores) => requestCode(stores, visit, userId));
      if (outcome.kind !== 'code_sent') return showRefusal(ctx, { ...place, hasAttempt: false }, outcome);
      deliver(visit, outcome.mails, outcome.code);
      seeOther(ctx, `${base}/code`);
    }),
  );

  router.get(
    '/code',
    step((current) => askCode(current, null)),
  );

  router.post(
    '/code',
    form(async (current, fields) => {
      const { ctx, visit, place, base } = current;
      const typed = fields.get('code') ?? '';
      if (readCode(typed) === '') return askCode(current, 'empty');
      const cookie = current.cookie ?? newDeviceCookie(parts.secrets);
      const outcome = await parts.uow.write((stores) => verifyCode(stores, visit, typed, cookie.hash));
      if (outcome.kind === 'no_attempt') return seeOther(ctx, base);
      if (outcome.kind !== 'accepted') return showRefusal(ctx, place, outcome);
      deliver(visit, outcome.mails, null);
      const login = { sub: outcome.user.sub, method: outcome.user.loginMethod, at: visit.now };
      const returnTo = await finishLogin(ctx, current.interaction, parts.uow, login);
      remember(ctx, cookie);
      seeOther(ctx, returnTo);
    }),
  );

  router.post(
    '/resend',
    form(async ({ ctx, visit, place, base }) => {
      const outcome = await parts.uow.write((stores) => resendCode(stores, visit));
      if (outcome.kind === 'no_attempt') return seeOther(ctx, base);
      if (outcome.kind !== 'resent') return showRefusal(ctx, place, outcome);
      deliver(visit, outcome.mails, outcome.code);
      seeOther(ctx, `${base}/code?resent=1`);
    }),
  );

  router.post(
    '/cancel',
    form(async ({ ctx }) => {
      const given = { error: 'access_denied', error_description: 'the user gave the login up' };
      seeOther(ctx, await parts.running.current().interactionResult(ctx.req, ctx.res, given));
    }),
  );

  // The addresses of forms, opened as pages (reload, bookmark, back button): the page that the form stands on.
  for (const stray of ['/user-id', '/cancel'])
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
