/** What a login has to prove: what the user's login method says, more where the site asks for more, less in a step-up. */
import { FACTORS, type Factor, type LoginMethod } from '../contracts/login-methods.ts';
import type { Policy } from '../contracts/policy.ts';
import type { Stores } from '../database/stores.ts';
import { factorsToProve, meets } from '../oidc/demand.ts';
import { provableFactors } from '../oidc/provable.ts';
import type { User } from '../users/user.ts';
import { NOBODY, type Visit } from './visit.ts';

export interface Needs {
  /** The user's login method, or the one that is pretended for nobody. */
  readonly method: LoginMethod;
  /** Factors to prove, in the order in which they are asked for. */
  readonly needs: readonly Factor[];
  /** Factors that the session has proven before. */
  readonly held: readonly Factor[];
  /** The site insists on what the user cannot prove. */
  readonly unmet: boolean;
}

/** Whether page 1 asks for the password beside the user ID: all methods of the contract begin with one. */
export function beginsWithPassword({ login_methods: methods }: Policy): boolean {
  return methods.every((method) => FACTORS[method][0] === 'password');
}

/** @param account credentials/account-scope.ts of the ID that was given, whether there is such a user or not */
export async function needsOf(
  stores: Stores,
  { contract, demand, stepUp }: Visit,
  account: string,
  user: User | undefined,
): Promise<Needs> {
  const { policy } = contract;
  // Where everybody gives a password, who has another method looks like nobody.
  const stranger = !user || (beginsWithPassword(policy) && FACTORS[user.loginMethod][0] !== 'password');
  const method = stranger ? pretendedMethod(policy, account) : user.loginMethod;
  const held = stepUp && stepUp.sub === user?.sub ? stepUp.factors : [];
  // Most sites ask for nothing particular: then there is nothing to look up.
  const provable = demand === null ? [] : await provableFactors(stores, user?.sub ?? NOBODY);
  const likely = user ? provable : (['password', 'otp'] as const).slice(method === 'otp' ? 1 : 0);
  const wanted = factorsToProve(demand, FACTORS[method], [...likely, ...held]);
  const all = wanted ?? FACTORS[method];
  const needs = all.filter((factor) => !held.includes(factor));
  const rest = { method, unmet: wanted === null };
  return needs.length > 0 ? { ...rest, needs, held } : { ...rest, needs: all, held: [] };
}

/**
 * An ID that nobody has is given one of the contract's methods, always the same: so the kind of the next page does not
 * tell which IDs exist.
 */
function pretendedMethod({ login_methods: methods }: Policy, account: string): LoginMethod {
  const number = Buffer.from(account, 'base64url').readUInt32BE();
  return methods[number % methods.length] ?? 'otp';
}

/** Whether a login by these factors has to be refused, for the site insists on more. */
export function isUnmet({ demand }: Visit, proven: readonly Factor[]): boolean {
  return demand?.essential === true && !meets(demand, proven);
}
