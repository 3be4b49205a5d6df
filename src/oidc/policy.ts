/** When a person must be asked: the provider's own reasons and ours, each a named check. */
import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { contractOf } from './account.ts';
import type { Contracts } from './contracts.ts';
import { PROOFS } from './login-methods.ts';

const { Check, base } = interactionPolicy;

/** The interaction policy of the provider's configuration. */
export function loginPolicy(contracts: Contracts) {
  const policy = base();
  policy.get('login')?.checks.add(strangerCheck());
  policy.get('login')?.checks.add(attainableCheck(contracts), 0);
  // Consent is implied for a contract's own clients: `prompt=consent` is understood and asks nothing.
  policy.get('consent')?.checks.clear();
  return policy;
}

/**
 * A session is of one contract: its user is a stranger to the clients of another. The same goes for a user who was
 * disabled or deleted meanwhile (account.ts finds no account for either).
 */
function strangerCheck() {
  return new Check(
    'stranger',
    'the session is of another contract, or its user may not log in',
    ({ oidc }) =>
      oidc.session?.accountId !== undefined && oidc.account === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
  );
}

/**
 * An essential acr that no login method of the contract gives is refused at once: asking the person could never end
 * (OpenID Connect Core Unmet Authentication Requirements 1.0).
 */
function attainableCheck(contracts: Contracts) {
  return new Check('attainable_acr', 'the requested acr cannot be reached', (ctx) => {
    const wanted = essentialAcrs(ctx);
    const { client } = ctx.oidc;
    if (wanted.length === 0 || !client) return Check.NO_NEED_TO_PROMPT;
    const { login_methods: methods } = contracts.latest(contractOf(client)).policy;
    if (methods.some((method) => wanted.includes(PROOFS[method].acr))) return Check.NO_NEED_TO_PROMPT;
    throw new errors.UnmetAuthenticationRequirements('none of the requested ACRs can be obtained');
  });
}

function essentialAcrs({ oidc }: KoaContextWithOIDC): unknown[] {
  const acr = (oidc.claims?.id_token as Record<string, unknown> | undefined)?.acr;
  if (typeof acr !== 'object' || acr === null) return [];
  const { essential, value, values } = acr as { essential?: unknown; value?: unknown; values?: unknown };
  if (essential !== true) return [];
  return Array.isArray(values) ? values : value === undefined ? [] : [value];
}
