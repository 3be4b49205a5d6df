/** A session that has less than a site asks for: whether to ask for the rest, and of whom. */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Contract } from '../contracts/contract.ts';
import { allFactors, type Factor } from '../contracts/login-methods.ts';
import type { UnitOfWork } from '../database/stores.ts';
import { mayUseSessions } from '../users/user.ts';
import { readUserId, userIdKey } from '../users/user-id.ts';
import { contractOf } from './account.ts';
import type { Contracts } from './contracts.ts';
import { type Demand, demandOf, meets } from './demand.ts';
import { factorsOfAmr } from './login-methods.ts';
import { provableFactors } from './provable.ts';

const { Check, Prompt } = interactionPolicy;

/** The prompt of an interaction that has no other reason than an acr. */
export const STEP_UP = 'step_up';

/** A session that has less than a site asks for. */
export interface StepUp {
  readonly sub: string;
  readonly userId: string;
  /** What it has proven. */
  readonly factors: readonly Factor[];
}

/**
 * The prompt after `login`: it comes up only when nothing else asks for a login, so there is a session whose user may go
 * on. Asked once: after a login of this interaction the answer is final.
 */
export function stepUpPrompt(contracts: Contracts, uow: UnitOfWork) {
  const description = 'the session does not have the requested acr';
  const check = new Check('acr', description, 'login_required', async ({ oidc }) => {
    const demand = demandOf(oidc.params ?? {});
    const factors = factorsOfAmr(oidc.session?.amr);
    if (!demand || meets(demand, factors)) return Check.NO_NEED_TO_PROMPT;
    if (!oidc.result?.login && (await canStepUp(oidc, demand, factors, contracts, uow)))
      return demand.essential || !oidc.prompts.has('none');
    if (!demand.essential) return Check.NO_NEED_TO_PROMPT;
    throw new errors.UnmetAuthenticationRequirements(
      'the user cannot prove what the requested acr stands for',
    );
  });
  return new Prompt({ name: STEP_UP, requestable: false }, check);
}

/** Whether asking can lead anywhere: the user can prove more, or another is likely to come. */
async function canStepUp(
  { client, session, params }: KoaContextWithOIDC['oidc'],
  demand: Demand,
  factors: readonly Factor[],
  contracts: Contracts,
  uow: UnitOfWork,
): Promise<boolean> {
  const sub = session?.accountId;
  if (!client || sub === undefined) return false;
  const { policy } = contracts.latest(contractOf(client));
  return uow.read(async (stores) => {
    const user = await stores.users.find(sub);
    if (!user) return false;
    if (isSomebodyElse(params?.login_hint, user.userId, policy.user_id.case_sensitive))
      return demand.essential;
    return meets(demand, allFactors(await provableFactors(stores, sub), factors));
  });
}

/** As much of a session as matters here. */
interface Proven {
  readonly uid: string;
  readonly accountId?: string | undefined;
  readonly amr?: readonly string[] | undefined;
}

/**
 * @param then the session when the interaction began
 * @param live the browser's session now
 * @returns null: the login begins with the user ID, for the session has ended or its user is not the one who is wanted
 */
export async function stepUpOf(
  { then, live, loginHint }: { then: Proven | undefined; live: Proven; loginHint: string | undefined },
  contract: Contract,
  uow: UnitOfWork,
  now: number,
): Promise<StepUp | null> {
  const sub = live.accountId;
  if (sub === undefined || sub !== then?.accountId || live.uid !== then.uid) return null;
  const user = await uow.read(({ users }) => users.find(sub));
  if (!user || user.contractId !== contract.id || !mayUseSessions(user, now)) return null;
  if (isSomebodyElse(loginHint, user.userId, contract.policy.user_id.case_sensitive)) return null;
  // What another tab has proven since is asked for here again: this page is open already, and must stay what it is.
  const before = factorsOfAmr(then.amr);
  return { sub, userId: user.userId, factors: factorsOfAmr(live.amr).filter((one) => before.includes(one)) };
}

function isSomebodyElse(loginHint: unknown, userId: string, caseSensitive: boolean): boolean {
  const hinted = typeof loginHint === 'string' ? readUserId(loginHint) : null;
  return hinted !== null && userIdKey(hinted, caseSensitive) !== userIdKey(userId, caseSensitive);
}
