/** The pages of a login, each step one form: user ID, code, resend, cancel. */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import { readCode } from '../credentials/one-time-code.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { UnitOfWork } from '../database/stores.ts';
import { addressBucket } from '../http/client-address.ts';
import { isFromOtherSite, readForm } from '../http/forms.ts';
import type { Locale } from '../http/locale.ts';
import { show } from '../http/render.ts';
import { requestLocale } from '../http/request-context.ts';
import type { Claim, NewMail } from '../mail/mail.ts';
import { brandOf } from '../oidc/brand.ts';
import type { Contracts } from '../oidc/contracts.ts';
import { finishLogin } from '../oidc/finish-login.ts';
import { findInteraction, type OpenInteraction } from '../oidc/interaction.ts';
import type { RunningProvider } from '../oidc/provider.ts';
import { hashToken, type Secrets } from '../secrets.ts';
import { readUserId } from '../users/user-id.ts';
import { browserInWords } from './browser-words.ts';
import { codeLocals } from './code-page.ts';
import { DEVICE_COOKIE_DAYS, type DeviceCookie, newDeviceCookie, readDeviceCookie } from './device-cookie.ts';
import { showEnded } from './ended.ts';
import { codePage, userIdPage } from './pages.ts';
import { type Place, showRefusal, showStray } from './problems.ts';
import { requestCode } from './request-code.ts';
import { resendCode } from './resend-code.ts';
import { verifyCode } from './verify-code.ts';
import type { Visit } from './visit.ts';

export interface LoginParts {
  readonly issuer: string;
  readonly running: RunningProvider;
  readonly contracts: Contracts;
  readonly uow: UnitOfWork;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly mailer: { claim(): Claim; deliver(mails: readonly NewMail[], code: OneTimeCode | null): void };
  readonly mailFrom: string;
  readonly defaultLocale: Locale;
  readonly timeZone: string;
}

/** One request within an interaction that is going on. */
interface Step {
  readonly ctx: Context;
  readonly interaction: OpenInteraction;
  readonly base: string;
  readonly csrf: string;
  readonly cookie: DeviceCookie | undefined;
  readonly visit: Visit;
  readonly place: Place;
}

const USER_ID_MOST = 128;

export function loginRoutes(parts: LoginParts): Router {
  const router = new Router({ prefix: '/interaction/:uid' });
  const cookieName = `${parts.issuer.startsWith('https:') ? '__Host-' : ''}sekisho_device`;

  /** Opens the interaction that the page belongs to; where there is none, says so and leads back to the site. */
  const step = (answer: (step: Step) => Promise<void>) => async (ctx: Context) => {
    const provider = parts.running.current();
    const interaction = await findInteraction(ctx, ctx.params.uid, { ...parts, provider });
    const { contract } = interaction;
    if (contract) ctx.state.brand = brandOf(contract);
    const wishes = { contract: contract?.policy.locale, uiLocales: uiLocalesOf(interaction) };
    ctx.state.locale = requestLocale(ctx, parts.defaultLocale, wishes);
    if (interaction.state !== 'open') return showEnded(ctx, ctx.params.uid, interaction, parts);
    ctx.state.formTargets = interaction.formTargets;
    await answer(stepOf(ctx, interaction));
  };

  const stepOf = (ctx: Context, interaction: OpenInteraction): Step => {
    const { contract, uid } = interaction;
    const base = `/interaction/${uid}`;
    const now = parts.clock.now();
    const cookie = readDeviceCookie(parts.secrets, ctx.cookies.get(cookieName, { signed: false }));
    const visit: Visit = {
      attemptId: hashToken(uid),
      contract,
      client: { id: interaction.clientId, name: interaction.siteName },
      address: ctx.state.address,
      addressBucket: addressBucket(ctx.state.address),
      browser: browserInWords(ctx.get('User-Agent')),
      deviceCookie: cookie?.hash ?? null,
      locale: ctx.state.locale,
      timeZone: parts.timeZone,
      secrets: parts.secrets,
      now,
      // In silent mode the work of mailing must not show in the time of the answers: the sender loop does it.
      claim: contract.policy.unknown_user === 'silent' ? null : parts.mailer.claim(),
    };
    const csrf = parts.secrets.mac('form token', uid);
    const place = { base, contract, site: interaction.site, timeZone: parts.timeZone, now, hasAttempt: true };
    return { ctx, interaction, base, csrf, cookie, visit, place };
  };

  /** A form of ours, sent by a page of ours. */
  const form = (answer: (step: Step, fields: ReadonlyMap<string, string>) => Promise<void>) =>
    step(async (current) => {
      const { ctx, interaction, base } = current;
      const refuse = () => showStray(ctx, 'forged_request', interaction, base);
      if (isFromOtherSite(ctx, parts.issuer)) return refuse();
      const fields = await readForm(ctx);
      const ours = parts.secrets.verifyMac('form token', interaction.uid, fields.get('csrf') ?? '');
      return ours ? answer(current, fields) : refuse();
    });

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
    if (!found) return redirect(ctx, base);
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
      redirect(ctx, `${base}/code`);
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
      if (outcome.kind === 'no_attempt') return redirect(ctx, base);
      if (outcome.kind !== 'accepted') return showRefusal(ctx, place, outcome);
      deliver(visit, outcome.mails, null);
      const login = { sub: outcome.user.sub, method: outcome.user.loginMethod, at: visit.now };
      const returnTo = await finishLogin(ctx, current.interaction, parts.uow, login);
      ctx.cookies.set(cookieName, cookie.value, {
        signed: false,
        httpOnly: true,
        sameSite: 'lax',
        maxAge: DEVICE_COOKIE_DAYS * 86_400_000,
      });
      redirect(ctx, returnTo);
    }),
  );

  router.post(
    '/resend',
    form(async ({ ctx, visit, place, base }) => {
      const outcome = await parts.uow.write((stores) => resendCode(stores, visit));
      if (outcome.kind === 'no_attempt') return redirect(ctx, base);
      if (outcome.kind !== 'resent') return showRefusal(ctx, place, outcome);
      deliver(visit, outcome.mails, outcome.code);
      redirect(ctx, `${base}/code?resent=1`);
    }),
  );

  router.post(
    '/cancel',
    form(async ({ ctx }) => {
      const given = { error: 'access_denied', error_description: 'the user gave the login up' };
      redirect(ctx, await parts.running.current().interactionResult(ctx.req, ctx.res, given));
    }),
  );

  // The addresses of forms, opened as pages (reload, bookmark, back button): the page that the form stands on.
  for (const stray of ['/user-id', '/cancel'])
    router.get(
      stray,
      step(async ({ ctx, base }) => redirect(ctx, base)),
    );
  router.get(
    '/resend',
    step(async ({ ctx, base }) => redirect(ctx, `${base}/code`)),
  );
  return router;
}

function redirect(ctx: Context, to: string): void {
  ctx.status = 303;
  ctx.redirect(to);
  ctx.status = 303;
}

function uiLocalesOf(interaction: Awaited<ReturnType<typeof findInteraction>>): string | undefined {
  return interaction.state === 'open' ? interaction.uiLocales : undefined;
}
