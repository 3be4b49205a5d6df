/** What comes before every step of a login: the interaction that it belongs to, its visit, and whether a form is ours. */
import type { Context } from 'koa';
import { type Clock, DAY } from '../clock.ts';
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
import type { Contracts } from '../oidc/contracts.ts';
import { findInteraction, type OpenInteraction } from '../oidc/interaction.ts';
import type { RunningProvider } from '../oidc/provider.ts';
import { hashToken, type Secrets } from '../secrets.ts';
import { DEVICE_COOKIE_DAYS, type DeviceCookie, readDeviceCookie } from './device-cookie.ts';
import { showEnded } from './ended.ts';
import { type Place, showStray } from './problems.ts';
import type { Visit } from './visit.ts';

/** What the pages of a login work with. */
export interface LoginParts {
  readonly issuer: string;
  readonly running: RunningProvider;
  readonly contracts: Contracts;
  readonly uow: UnitOfWork;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly hasher: Hasher;
  readonly mailer: { claim(): Claim; deliver(mails: readonly NewMail[], code: OneTimeCode | null): void };
  readonly mailFrom: string;
  readonly defaultLocale: Locale;
  readonly timeZone: string;
}

/** One request within an interaction that is going on. */
export interface Step {
  readonly ctx: Context;
  readonly interaction: OpenInteraction;
  readonly base: string;
  readonly csrf: string;
  readonly cookie: DeviceCookie | undefined;
  readonly visit: Visit;
  readonly place: Place;
}

/** How a page of a login is answered, once its step is known. */
export interface LoginSteps {
  /** Opens the interaction that the page belongs to; where there is none, says so and leads back to the site. */
  step(answer: (step: Step) => Promise<void>): (ctx: Context) => Promise<void>;
  /** The same for a form of ours that was sent by a page of ours. */
  form(
    answer: (step: Step, fields: ReadonlyMap<string, string>) => Promise<void>,
  ): (ctx: Context) => Promise<void>;
  /** Makes the browser one that has logged in. */
  remember(ctx: Context, cookie: DeviceCookie): void;
}

/** The ways into the steps, for routes. */
export function loginSteps(parts: LoginParts): LoginSteps {
  const cookieName = `${parts.issuer.startsWith('https:') ? '__Host-' : ''}sekisho_device`;

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
      demand: interaction.demand,
      stepUp: interaction.stepUp,
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

  const form = (answer: (step: Step, fields: ReadonlyMap<string, string>) => Promise<void>) =>
    step(async (current) => {
      const { ctx, interaction, base } = current;
      const refuse = () => showStray(ctx, 'forged_request', interaction, base);
      if (isFromOtherSite(ctx, parts.issuer)) return refuse();
      const fields = await readForm(ctx);
      const ours = parts.secrets.verifyMac('form token', interaction.uid, fields.get('csrf') ?? '');
      return ours ? answer(current, fields) : refuse();
    });

  const remember = (ctx: Context, { value }: DeviceCookie) => {
    const maxAge = DEVICE_COOKIE_DAYS * DAY;
    ctx.cookies.set(cookieName, value, { signed: false, httpOnly: true, sameSite: 'lax', maxAge });
  };

  return { step, form, remember };
}

function uiLocalesOf(interaction: Awaited<ReturnType<typeof findInteraction>>): string | undefined {
  return interaction.state === 'open' ? interaction.uiLocales : undefined;
}
