/** The pages for forgotten credentials, beside those of the login from which a person came, and back to it. */
import Router from '@koa/router';
import { countJudgement } from '../../credentials/count-judgement.ts';
import { passwordContext, readNewCredentials } from '../../credentials/new-credentials.ts';
import { readCode } from '../../credentials/one-time-code.ts';
import { foldAnswer } from '../../credentials/secret-answer.ts';
import { strengthOf } from '../../credentials/strength.ts';
import { translator } from '../../http/locale.ts';
import { strengthAnswer } from '../../http/password-words.ts';
import { seeOther } from '../../http/see-other.ts';
import { tellSites } from '../../oidc/end-account.ts';
import { outliveSession } from '../../oidc/outlive-session.ts';
import { readUserId } from '../../users/user-id.ts';
import { resendCode } from '../resend-code.ts';
import { type LoginParts, type LoginSteps, loginSteps, type Step } from '../steps.ts';
import type { Visit } from '../visit.ts';
import {
  askCode,
  askCredentials,
  askQuestion,
  askUserId,
  credentialsOf,
  goOn,
  refuseAt,
  showDone,
} from './ask.ts';
import { checkAnswer } from './check-answer.ts';
import { showRecoveryRefusal } from './problems.ts';
import { findRecovering, type Recovering, renewCredentials } from './renew-credentials.ts';
import { requestRecovery } from './request-recovery.ts';
import { recoveryVisit, unlessEnded } from './stage.ts';
import { verifyRecoveryCode } from './verify-recovery-code.ts';

export function forgottenRoutes(parts: LoginParts): Router {
  const router = new Router({ prefix: '/interaction/:uid/forgotten' });
  const { start, step, form } = recoverySteps(loginSteps(parts));
  const { uow } = parts;

  router.get(
    '/',
    start((current) => askUserId(current, parts)),
  );

  router.post(
    '/user-id',
    form(async (current, fields) => {
      const typed = (fields.get('user_id') ?? '').replace(/\p{Cc}/gu, '');
      const userId = readUserId(typed);
      if (userId === null) {
        return askUserId(current, parts, { userId: typed, error: typed.trim() ? 'too_long' : 'empty' });
      }
      const outcome = await uow.write((stores) => requestRecovery(stores, current.visit, userId));
      if (outcome.kind !== 'code_sent') {
        return showRecoveryRefusal({ ...current, place: { ...current.place, hasAttempt: false } }, outcome);
      }
      seeOther(current.ctx, `${current.base}/forgotten/code`);
    }),
  );

  router.get(
    '/code',
    step((current) => askCode(current, parts)),
  );

  router.post(
    '/code',
    form(async (current, fields) => {
      const typed = fields.get('code') ?? '';
      if (readCode(typed) === '') return askCode(current, parts, 'empty');
      const outcome = await unlessEnded(uow, (stores) => verifyRecoveryCode(stores, current.visit, typed));
      switch (outcome.kind) {
        case 'passed':
        case 'ended':
        case 'no_attempt':
          return goOn(current, parts);
        case 'wrong':
          return askCode(current, parts, 'wrong');
        default:
          return showRecoveryRefusal(current, outcome);
      }
    }),
  );

  router.post(
    '/resend',
    form(async (current) => {
      const outcome = await uow.write((stores) => resendCode(stores, current.visit, 'recovery_code'));
      if (outcome.kind === 'no_attempt') return goOn(current, parts);
      if (outcome.kind !== 'resent') return refuseAt('code', current, parts, outcome);
      seeOther(current.ctx, `${current.base}/forgotten/code?resent=1`);
    }),
  );

  router.get(
    '/question',
    step((current) => askQuestion(current, parts)),
  );

  router.post(
    '/question',
    form(async (current, fields) => {
      const typed = fields.get('answer') ?? '';
      if (foldAnswer(typed) === '') return askQuestion(current, parts, 'empty');
      const outcome = await checkAnswer(parts, current.visit, typed);
      switch (outcome.kind) {
        case 'passed':
        case 'not_asked':
          return goOn(current, parts);
        case 'ended':
          return refuseAt('question', current, parts);
        case 'wrong':
          return askQuestion(current, parts, 'wrong');
        default:
          return showRecoveryRefusal(current, outcome);
      }
    }),
  );

  router.get(
    '/credentials',
    step((current) => askCredentials(current, parts)),
  );

  /** For who has proven all: a form of the last page. */
  const last = (
    answer: (current: Step, who: Recovering, fields: ReadonlyMap<string, string>) => Promise<void>,
  ) =>
    form(async (current, fields) => {
      const who = await uow.read((stores) => findRecovering(stores, current.visit));
      return who ? answer(current, who, fields) : refuseAt('credentials', current, parts);
    });

  const count = ({ attemptId, now }: Visit, where: 'form' | 'meter') =>
    uow.write((stores) => countJudgement(stores, attemptId, where, now));

  router.post(
    '/credentials',
    last(async (current, who, fields) => {
      const { ctx, visit } = current;
      const until = await count(visit, 'form');
      if (until !== null) return showRecoveryRefusal(current, { kind: 'too_many_requests', until });
      const reading = await readNewCredentials(fields, credentialsOf(current, who));
      if (reading.kind === 'faulty') {
        const question = fields.get('question') ?? '';
        return askCredentials(current, parts, { question, faults: reading.faults });
      }
      const outcome = await renewCredentials(parts, visit, who, reading.credentials);
      if (outcome.kind === 'ended') return refuseAt('credentials', current, parts);
      if (outcome.kind === 'locked') return showRecoveryRefusal(current, outcome);
      await outliveSession(current.interaction, who.user.sub);
      await tellSites(parts.running, outcome.ended, (client, err) =>
        ctx.state.log.warn({ client, err }, 'back-channel logout failed'),
      );
      await goOn(current, parts);
    }),
  );

  router.post(
    '/strength',
    last(async (current, who, fields) => {
      const { ctx, visit } = current;
      if ((await count(visit, 'meter')) !== null) {
        ctx.status = 429;
        ctx.body = { error: 'refused' };
        return;
      }
      const context = passwordContext(credentialsOf(current, who));
      const strength = await strengthOf(fields.get('password') ?? '', context);
      ctx.body = strengthAnswer(translator(ctx.state.locale), strength);
    }),
  );

  router.get(
    '/done',
    step((current) => showDone(current, parts)),
  );

  // The addresses of forms, opened as pages (reload, bookmark, back button).
  for (const stray of ['/user-id', '/resend', '/strength'])
    router.get(
      stray,
      step((current) => goOn(current, parts)),
    );
  return router;
}

/** The steps of a login, turned to the recovery beside it; where the contract has its support desk do it, to that. */
function recoverySteps({ step, form }: LoginSteps) {
  const isOff = ({ interaction }: Step) => !interaction.contract.policy.forgotten_credentials.self_service;
  const inside = (current: Step): Step => ({
    ...current,
    visit: recoveryVisit(current.visit, current.interaction.uid),
  });
  type Answer = (current: Step) => Promise<void>;
  return {
    start: (answer: Answer) =>
      step(async (current) =>
        isOff(current) ? showRecoveryRefusal(current, { kind: 'off' }, 200) : answer(inside(current)),
      ),
    step: (answer: Answer) =>
      step(async (current) =>
        isOff(current) ? seeOther(current.ctx, `${current.base}/forgotten`) : answer(inside(current)),
      ),
    form: (answer: Parameters<LoginSteps['form']>[0]) =>
      form(async (current, fields) =>
        isOff(current) ? showRecoveryRefusal(current, { kind: 'off' }) : answer(inside(current), fields),
      ),
  };
}
