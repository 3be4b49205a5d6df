/** What comes before every step of a registration: the invitation of its URL, and whether a form is ours. */
import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import type { Hasher } from '../credentials/hasher.ts';
import type { OneTimeCode } from '../credentials/store.ts';
import type { UnitOfWork } from '../database/stores.ts';
import { browserInWords } from '../http/browser-words.ts';
import { addressBucket } from '../http/client-address.ts';
import { isFromOtherSite, readForm } from '../http/forms.ts';
import type { Locale } from '../http/locale.ts';
import { requestLocale } from '../http/request-context.ts';
import type { Claim, NewMail } from '../mail/mail.ts';
import { brandOf } from '../oidc/brand.ts';
import type { RunningProvider } from '../oidc/provider.ts';
import type { Secrets } from '../secrets.ts';
import { type FoundInvitation, findInvitation } from './open-invitation.ts';
import { showProblem } from './problems.ts';
import type { Registrant } from './register-credentials.ts';
import { newStepCookie, provesCode, STEP_LASTS, stepCookieName } from './step-cookie.ts';

/** What the pages of a registration work with. */
export interface RegistrationParts {
  readonly issuer: string;
  readonly running: RunningProvider;
  readonly uow: UnitOfWork;
  readonly secrets: Secrets;
  readonly hasher: Hasher;
  readonly clock: Clock;
  readonly mailer: { claim(): Claim; deliver(mails: readonly NewMail[], code: OneTimeCode | null): void };
  readonly defaultLocale: Locale;
  readonly timeZone: string;
}

/** One request within a registration that can go on. */
export interface Step {
  readonly ctx: Context;
  /** Path of the registration URL. */
  readonly base: string;
  readonly csrf: string;
  readonly visit: Registrant;
  /** Of the initial OTP. */
  readonly digits: number;
  /** Whether this browser has given the initial OTP. */
  readonly proven: boolean;
}

export type SpentInvitation = Extract<FoundInvitation, { kind: 'spent' }>;
/** Answers a request for an invitation that the user has registered by. */
export type AnswerSpent = (ctx: Context, spent: SpentInvitation) => Promise<void>;
type Answer = (step: Step) => Promise<void>;
type AnswerForm = (step: Step, fields: ReadonlyMap<string, string>) => Promise<void>;

/** The ways into the steps, for routes. */
export interface RegistrationSteps {
  /** Opens the invitation of the URL; where it cannot be used, says so. */
  step(answer: Answer, spent: AnswerSpent): (ctx: Context) => Promise<void>;
  /** The same for a form of ours that was sent by a page of ours. */
  form(answer: AnswerForm, spent: AnswerSpent): (ctx: Context) => Promise<void>;
  /** Lets this browser go on to the credentials. */
  prove(step: Step): void;
  /** It has registered. */
  forget(step: Step): void;
}

export function registrationSteps(parts: RegistrationParts): RegistrationSteps {
  const secure = parts.issuer.startsWith('https:');
  const { secrets, timeZone } = parts;

  const step = (answer: Answer, spent: AnswerSpent) => async (ctx: Context) => {
    const now = parts.clock.now();
    const token = String(ctx.params.token);
    const found = await parts.uow.read((stores) => findInvitation(stores, secrets, token, now));
    if (found.kind === 'unknown') {
      return showProblem(ctx, { kind: 'unknown', contract: undefined }, { now, timeZone });
    }
    const { contract, user } = found;
    ctx.state.brand = brandOf(contract);
    const wishes = { contract: contract.policy.locale, ...(user.locale && { uiLocales: user.locale }) };
    ctx.state.locale = requestLocale(ctx, parts.defaultLocale, wishes);
    if (found.kind === 'spent') return spent(ctx, found);
    if (found.kind !== 'open') return showProblem(ctx, found, { now, timeZone });
    await answer(stepOf(ctx, found, now));
  };

  const stepOf = (
    ctx: Context,
    { invitation, user, contract, code }: Extract<FoundInvitation, { kind: 'open' }>,
    now: number,
  ): Step => {
    const cookie = ctx.cookies.get(stepCookieName(invitation, secure), { signed: false });
    const visit: Registrant = {
      invitation,
      user,
      contract,
      secrets,
      address: ctx.state.address,
      addressBucket: addressBucket(ctx.state.address),
      browser: browserInWords(ctx.get('User-Agent')),
      locale: ctx.state.locale,
      timeZone,
      claim: parts.mailer.claim(),
      now,
    };
    const csrf = secrets.mac('form token', invitation.id);
    const proven = provesCode(secrets, invitation, cookie, now);
    return { ctx, base: `/register/${ctx.params.token}`, csrf, visit, digits: code.digits, proven };
  };

  const form = (answer: AnswerForm, spent: AnswerSpent) =>
    step(async (current) => {
      const { ctx, visit, base } = current;
      const refuse = () => {
        const forged = { kind: 'forged_request', contract: visit.contract, retryUrl: base } as const;
        return showProblem(ctx, forged, visit);
      };
      // Pages keep the referrer policy same-origin: under no-referrer browsers would hide the origin of these forms as well.
      if (isFromOtherSite(ctx, parts.issuer)) return refuse();
      const fields = await readForm(ctx);
      const ours = secrets.verifyMac('form token', visit.invitation.id, fields.get('csrf') ?? '');
      return ours ? answer(current, fields) : refuse();
    }, spent);

  const setCookie = ({ ctx, visit: { invitation } }: Step, value: string | null) =>
    ctx.cookies.set(stepCookieName(invitation, secure), value, {
      signed: false,
      httpOnly: true,
      sameSite: 'lax',
      ...(value === null ? {} : { maxAge: STEP_LASTS }),
    });

  return {
    step,
    form,
    prove: (current) => {
      setCookie(current, newStepCookie(secrets, current.visit.invitation, current.visit.now));
    },
    forget: (current) => {
      setCookie(current, null);
    },
  };
}
