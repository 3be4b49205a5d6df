/** What a login proves, in the protocol's words. */
import {
  allFactors,
  FACTORS,
  type Factor,
  LOGIN_METHODS,
  type LoginMethod,
} from '../contracts/login-methods.ts';

export interface Proof {
  /** Authentication Context Class Reference: one URN per login method (docs/relying-sites.md). */
  readonly acr: string;
  /** Authentication Methods References (RFC 8176). */
  readonly amr: readonly string[];
}

/** What a login by each method proves. */
export const PROOFS: Readonly<Record<LoginMethod, Proof>> = {
  otp: { acr: 'urn:sekisho:acr:otp', amr: ['otp'] },
  password: { acr: 'urn:sekisho:acr:password', amr: ['pwd'] },
  'password+otp': { acr: 'urn:sekisho:acr:password+otp', amr: ['pwd', 'otp', 'mfa'] },
};

/** Every acr that a site can ask for. */
export const ACR_VALUES: readonly string[] = Object.values(PROOFS).map(({ acr }) => acr);

/** The method whose factors are exactly these. @param factors at least one */
export function methodOf(factors: readonly Factor[]): LoginMethod {
  const method = LOGIN_METHODS.find(
    (one) => FACTORS[one].length === factors.length && FACTORS[one].every((each) => factors.includes(each)),
  );
  if (!method) throw new Error(`no login method has the factors ${factors.join(', ')}`);
  return method;
}

/** What these factors prove together. */
export function proofOf(factors: readonly Factor[]): Proof {
  return PROOFS[methodOf(factors)];
}

/** The factors that an acr stands for; undefined: it is none of ours. */
export function factorsOfAcr(acr: string): readonly Factor[] | undefined {
  const method = LOGIN_METHODS.find((one) => PROOFS[one].acr === acr);
  return method && FACTORS[method];
}

const AMR_OF: Readonly<Record<Factor, string>> = { password: 'pwd', otp: 'otp' };

/** The factors that a session's amr tells of. */
export function factorsOfAmr(amr: readonly string[] = []): Factor[] {
  return allFactors(['password', 'otp']).filter((factor) => amr.includes(AMR_OF[factor]));
}
