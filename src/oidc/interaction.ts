/** The interaction that a login page belongs to: what the provider asked for, for whom, and by which site. */
import type { Context } from 'koa';
import type Provider from 'oidc-provider';
import type { Interaction } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { Contract } from '../contracts/contract.ts';
import type { UnitOfWork } from '../database/stores.ts';
import type { SiteLink } from '../http/page.ts';
import { formTarget } from '../http/security-headers.ts';
import { hashToken } from '../secrets.ts';
import type { Contracts } from './contracts.ts';
import { type Demand, demandOf } from './demand.ts';
import { type SiteMetadata, siteLink } from './site-link.ts';
import { STEP_UP, type StepUp, stepUpOf } from './step-up.ts';

export interface OpenInteraction {
  readonly state: 'open';
  /** The provider's own, for finish-login.ts. */
  readonly details: Interaction;
  readonly provider: Provider;
  readonly uid: string;
  readonly clientId: string;
  readonly contract: Contract;
  readonly siteName: string;
  readonly site: SiteLink | null;
  readonly loginHint: string | undefined;
  readonly uiLocales: string | undefined;
  /** What the site asks for; null: any login will do. See factorsToProve in demand.ts. */
  readonly demand: Demand | null;
  /** Who is signed in here and only has to prove more for this site; null: the login begins with the user ID. */
  readonly stepUp: StepUp | null;
  /** Where the login may end, for form-action. */
  readonly formTargets: readonly string[];
}

/** The page was left open too long, the login is over, or the page belongs to another browser. */
export interface LostInteraction {
  readonly state: 'lost' | 'finished';
  readonly contract: Contract | undefined;
  readonly site: SiteLink | null;
}

/** Prompts that the pages of a login answer. */
const PROMPTS: readonly string[] = ['login', STEP_UP];

export interface InteractionParts {
  readonly provider: Provider;
  readonly contracts: Contracts;
  readonly uow: UnitOfWork;
  readonly clock: Clock;
}

/**
 * Finds the interaction of a page by its cookie, which must agree with the page's URL.
 * @param uid from the URL
 */
export async function findInteraction(
  ctx: Context,
  uid: string,
  parts: InteractionParts,
): Promise<OpenInteraction | LostInteraction> {
  const details = await parts.provider.interactionDetails(ctx.req, ctx.res).catch((error) => {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  });
  if (!details || details.uid !== uid || !PROMPTS.includes(details.prompt.name))
    return lost(uid, 'lost', parts);
  if (details.result?.login) return lost(uid, 'finished', parts);
  const { params } = details;
  const clientId = String(params.client_id);
  const { metadata, contract, site } = await siteOf(clientId, parts);
  if (!metadata || !contract) return lost(uid, 'lost', parts);
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const loginHint = text(params.login_hint);
  return {
    state: 'open',
    details,
    provider: parts.provider,
    uid,
    clientId,
    contract,
    siteName: metadata.clientName,
    site,
    loginHint,
    uiLocales: text(params.ui_locales),
    demand: demandOf(params),
    stepUp: await stepUpIn(ctx, details, { contract, loginHint }, parts),
    formTargets: formTarget(params.redirect_uri),
  };
}

/** Asks for the browser's session only where it matters: a login from its beginning does without. */
async function stepUpIn(
  ctx: Context,
  { prompt, session: then }: Interaction,
  { contract, loginHint }: { contract: Contract; loginHint: string | undefined },
  { provider, uow, clock }: InteractionParts,
): Promise<StepUp | null> {
  if (prompt.name !== STEP_UP) return null;
  const live = await provider.Session.get(ctx as never);
  return stepUpOf({ then, live, loginHint }, contract, uow, clock.now());
}

/** What remains of an interaction that is over: the site it came from. */
async function lost(
  uid: string,
  state: LostInteraction['state'],
  parts: InteractionParts,
): Promise<LostInteraction> {
  const remembered = await parts.uow.read(({ models }) => models.find('Interaction', hashToken(uid)));
  if (!remembered?.clientId) return { state: 'lost', contract: undefined, site: null };
  const { contract, site } = await siteOf(remembered.clientId, parts);
  const finished = remembered.consumedAt !== null;
  return { state: finished ? 'finished' : state, contract, site };
}

async function siteOf(clientId: string, { contracts, provider: { issuer } }: InteractionParts) {
  const raw = await contracts.findClientMetadata(clientId);
  if (!raw) return { metadata: undefined, contract: undefined, site: null };
  const metadata: SiteMetadata = {
    clientName: String(raw.client_name),
    initiateLoginUri: raw.initiate_login_uri as string | undefined,
    clientUri: raw.client_uri as string | undefined,
    redirectUris: raw.redirect_uris as string[] | undefined,
  };
  return { metadata, contract: contracts.latest(String(raw.contract)), site: siteLink(metadata, issuer) };
}
