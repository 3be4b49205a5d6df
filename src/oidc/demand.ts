/**
 * What a site asks a login to prove: values of acr in its request, understood as sets of factors. A stronger login meets
 * a weaker demand (docs/decisions/0014-acr-and-step-up.md).
 */
import { z } from 'zod';
import { allFactors, type Factor } from '../contracts/login-methods.ts';
import { factorsOfAcr, factorsOfAmr, proofOf } from './login-methods.ts';

export interface Demand {
  /** Sets of factors, any of which will do; the one that the site likes best first. None: nothing can meet it. */
  readonly anyOf: readonly (readonly Factor[])[];
  /** A login that does not meet it has failed. Otherwise it is a wish: without it the login goes on as it is. */
  readonly essential: boolean;
}

/** Parameters of an authorization request, as the provider keeps them. */
export type Parameters = Readonly<Record<string, unknown>>;

/** acr as a member of the `claims` parameter (OpenID Connect Core 5.5.1). */
const acrClaim = z
  .object({
    essential: z.boolean().optional(),
    value: z.string().optional(),
    values: z.array(z.string()).optional(),
  })
  .nullish();

/** @returns what is wrong with acr in the `claims` parameter; undefined: nothing */
export function wrongAcrClaim(claims: {
  id_token?: { acr?: unknown } | null | undefined;
}): string | undefined {
  return acrClaim.safeParse(claims.id_token?.acr).success
    ? undefined
    : 'claims.id_token.acr must be null or an object with essential (true or false), value (a string), values (strings)';
}

/** The demand of a request; null: any login will do. */
export function demandOf(parameters: Parameters): Demand | null {
  const { values, essential } = askedFor(parameters);
  if (values === undefined || (values.length === 0 && !essential)) return null;
  return {
    anyOf: values.flatMap((acr) => [factorsOfAcr(acr)].filter((one) => one !== undefined)),
    essential,
  };
}

/** Whether a login by these factors is what is asked for. */
export function meets(demand: Demand, factors: readonly Factor[]): boolean {
  return demand.anyOf.some((wanted) => isWithin(wanted, factors));
}

/**
 * What a user proves for a site: the factors of the user's own login method, and more where the site asks for more.
 * @param provable what the user can prove, or the session has proven (provable.ts)
 * @returns null: the site insists on what the user cannot prove
 */
export function factorsToProve(
  demand: Demand | null,
  method: readonly Factor[],
  provable: readonly Factor[],
): readonly Factor[] | null {
  if (!demand || meets(demand, method)) return method;
  const reachable = demand.anyOf.find((wanted) => isWithin(wanted, provable));
  if (reachable) return allFactors(method, reachable);
  return demand.essential ? null : method;
}

/**
 * The acr of an ID token: of those that the site asked for the first that holds, so that the site finds what it asked
 * for (OpenID Connect Core 5.5.1.1); else the session's own.
 * @param amr of the session @returns undefined: the session says nothing of how it came about
 */
export function answeredAcr(parameters: Parameters, amr: readonly string[] | undefined): string | undefined {
  const factors = factorsOfAmr(amr);
  const { values = [] } = askedFor(parameters);
  const asked = values.find((acr) => {
    const wanted = factorsOfAcr(acr);
    return wanted !== undefined && isWithin(wanted, factors);
  });
  return asked ?? (factors.length > 0 ? proofOf(factors).acr : undefined);
}

interface Asked {
  readonly values: readonly string[] | undefined;
  readonly essential: boolean;
}

/**
 * The claim counts before acr_values: it is the more particular of the two, and default_acr_values, which the provider
 * fills in as acr_values, must not undo it. The provider's own `oidc.claims` have lost the claim by then.
 */
function askedFor({ claims, acr_values: acrValues }: Parameters): Asked {
  const claim = typeof claims === 'string' ? acrClaim.safeParse(JSON.parse(claims).id_token?.acr).data : null;
  const named = claim?.value === undefined ? claim?.values : only(claim.value, claim.values);
  if (named !== undefined) return { values: named, essential: claim?.essential === true };
  const wished = typeof acrValues === 'string' ? acrValues.split(' ').filter(Boolean) : undefined;
  return { values: wished, essential: false };
}

/** Both `value` and `values`: the acr must be the one and among the others. */
function only(value: string, values: readonly string[] | undefined): readonly string[] {
  return values === undefined || values.includes(value) ? [value] : [];
}

function isWithin(wanted: readonly Factor[], factors: readonly Factor[]): boolean {
  return wanted.every((factor) => factors.includes(factor));
}
