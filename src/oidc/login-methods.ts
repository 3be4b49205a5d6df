/** What a login method proves, in the protocol's words. */
import type { LoginMethod } from '../contracts/policy.ts';

interface Proof {
  /** Authentication Context Class Reference: one URN per login method (docs/relying-sites.md). */
  readonly acr: string;
  /** Authentication Methods References (RFC 8176). */
  readonly amr: readonly string[];
}

export const PROOFS: Readonly<Record<LoginMethod, Proof>> = {
  otp: { acr: 'urn:sekisho:acr:otp', amr: ['otp'] },
};

/** Every acr that a site can ask for. */
export const ACR_VALUES: readonly string[] = Object.values(PROOFS).map(({ acr }) => acr);
