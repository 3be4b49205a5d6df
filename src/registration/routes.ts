/** The pages of a registration: the initial OTP, the credentials, done. Nothing is written until the last form. */
import Router from '@koa/router';
import type { Context } from 'koa';
import { countJudgement } from '../credentials/count-judgement.ts';
import { credentialFields } from '../credentials/credentials-form.ts';
import {
  type CredentialFaults,
  passwordContext,
  readNewCredentials,
} from '../credentials/new-credentials.ts';
import { readCode } from '../credentials/one-time-code.ts';
import { strengthOf } from '../credentials/strength.ts';
import { formatDateTime, translator } from '../http/locale.ts';
import { strengthAnswer } from '../http/password-words.ts';
import { show } from '../http/render.ts';
import { seeOther } from '../http/see-other.ts';
import { contractSites } from '../oidc/contract-sites.ts';
import { tellSites } from '../oidc/end-account.ts';
import { credentialsPage, donePage, type InitialCodeLocals, initialCodePage } from './pages.ts';
import { showProblem } from './problems.ts';
import { registerCredentials } from './register-credentials.ts';
import { type AnswerSpent, type RegistrationParts, registrationSteps, type Step } from './steps.ts';
import { lockOf, verifyInitialCode } from './verify-initial-code.ts';

export function registrationRoutes(parts: RegistrationParts): Router {
  const router = new Router({ prefix: '/register/:token' });
  const { step, form, prove, forget } = registrationSteps(parts);

  const askCode = ({ ctx, base, csrf, visit, digits }: Step, error: InitialCodeLocals['error']) => {
    const { contract, user, invitation } = visit;
    const zone = contract.policy.time_zone ?? parts.timeZone;
    const locals: InitialCodeLocals = {
      action: base,
      csrf,
      serviceName: contract.policy.appearance.name ?? contract.name,
      userId: user.userId,
      digits,
      // To the minute: nobody needs the seconds.
      expiresAt: formatDateTime(invitation.expiresAt, zone).slice(0, -3),
      error,
      again: ctx.query.again === '1',
      support: contract.policy.support_desk ?? null,
    };
    return show(ctx, initialCodePage, locals, error ? 400 : 200);
  };

  const askCredentials = (
    { ctx, base, csrf, visit }: Step,
    entered?: { question: string; faults: CredentialFaults },
  ) => {
    ctx.state.scripted = true;
    const fields = credentialFields(whoOf(visit), ctx.state.locale, `${base}/strength`, entered);
    const locals = { action: `${base}/credentials`, csrf, fields };
    return show(ctx, credentialsPage, locals, entered ? 400 : 200);
  };

  const showDone = async (
    ctx: Context,
    { contract, user, invitation }: Parameters<AnswerSpent>[1],
    again: boolean,
  ) => {
    const sites = await parts.uow.read((stores) => contractSites(stores, contract.id, parts.issuer));
    const zone = contract.policy.time_zone ?? parts.timeZone;
    const registeredAt = formatDateTime(invitation.spentAt ?? 0, zone);
    const support = contract.policy.support_desk ?? null;
    await show(ctx, donePage, { userId: user.userId, registeredAt, again, sites, support });
  };
  const knowingSites = async (visit: Step['visit']) => {
    const sites = await parts.uow.read((stores) => contractSites(stores, visit.contract.id, parts.issuer));
    return { ...whoOf(visit), siteNames: sites.map(({ name }) => name) };
  };
  const already: AnswerSpent = (ctx, spent) => showDone(ctx, spent, true);
  /** A form that was sent twice, or from two tabs. */
  const goToDone: AnswerSpent = async (ctx) => seeOther(ctx, `/register/${ctx.params.token}/done`);
  /** Without the proof of the code it is asked for again. */
  const goToCode = ({ ctx, base }: Step) => seeOther(ctx, `${base}?again=1`);

  router.get(
    '/',
    step(async (current) => {
      const { ctx, visit } = current;
      const lock = await parts.uow.read((stores) => lockOf(stores, visit));
      if (lock) return showProblem(ctx, { ...lock, contract: visit.contract }, visit);
      await askCode(current, null);
    }, already),
  );

  router.post(
    '/',
    form(async (current, fields) => {
      const { ctx, visit, base } = current;
      const typed = fields.get('code') ?? '';
      if (readCode(typed) === '') return askCode(current, 'empty');
      const outcome = await parts.uow.write((stores) => verifyInitialCode(stores, visit, typed));
      switch (outcome.kind) {
        case 'right':
          prove(current);
          return seeOther(ctx, `${base}/credentials`);
        case 'wrong':
          return askCode(current, 'wrong');
        // What became of the invitation, its own page says.
        case 'ended':
          return seeOther(ctx, base);
        case 'locked':
          return showProblem(ctx, { ...outcome, contract: visit.contract }, visit);
        case 'too_many_requests':
          return showProblem(ctx, { ...outcome, contract: visit.contract, retryUrl: base }, visit);
      }
    }, goToDone),
  );

  router.get(
    '/credentials',
    step(async (current) => (current.proven ? askCredentials(current) : goToCode(current)), already),
  );

  router.post(
    '/credentials',
    form(async (current, fields) => {
      const { ctx, visit, base } = current;
      if (!current.proven) return goToCode(current);
      const until = await parts.uow.write((stores) =>
        countJudgement(stores, visit.invitation.id, 'form', visit.now),
      );
      if (until !== null) {
        const refused = {
          kind: 'too_many_requests',
          until,
          contract: visit.contract,
          retryUrl: base,
        } as const;
        return showProblem(ctx, refused, visit);
      }
      const reading = await readNewCredentials(fields, await knowingSites(visit));
      if (reading.kind === 'faulty') {
        const question = fields.get('question') ?? '';
        return askCredentials(current, { question, faults: reading.faults });
      }
      const outcome = await registerCredentials(parts, visit, reading.credentials);
      if (outcome.kind === 'registered') {
        forget(current);
        if (outcome.mails.length > 0) parts.mailer.deliver(outcome.mails, null);
        await tellSites(parts.running, outcome.ended, (client, err) =>
          ctx.state.log.warn({ client, err }, 'back-channel logout failed'),
        );
      }
      // What became of an invitation that has ended meanwhile, its own page says.
      seeOther(ctx, `${base}/done`);
    }, goToDone),
  );

  router.post(
    '/strength',
    form(async ({ ctx, visit, proven }, fields) => {
      const until = await parts.uow.write((stores) =>
        countJudgement(stores, visit.invitation.id, 'meter', visit.now),
      );
      if (!proven || until !== null) {
        ctx.status = proven ? 429 : 403;
        ctx.body = { error: 'refused' };
        return;
      }
      const strength = await strengthOf(
        fields.get('password') ?? '',
        passwordContext(await knowingSites(visit)),
      );
      ctx.body = strengthAnswer(translator(ctx.state.locale), strength);
    }, goToDone),
  );

  router.get(
    '/done',
    step(
      async ({ ctx, base }) => seeOther(ctx, base),
      (ctx, spent) => showDone(ctx, spent, false),
    ),
  );
  return router;
}

function whoOf({ contract, user }: Step['visit']) {
  return { contract, userId: user.userId, method: user.loginMethod };
}
