/** When a person must be asked: the provider's own reasons and ours, each a named check. */
import { type Client, errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { contractOf } from './account.ts';
import type { Contracts } from './contracts.ts';
import { PROOFS } from './login-methods.ts';

const { Check, base } = interactionPolicy;

/** A user's subject identifier as a client knows it. */
export type SubjectFor = (client: Client, sub: string) => string;

/** The interaction policy of the provider's configuration. */
export function loginPolicy(contracts: Contracts, subjectFor: SubjectFor) {
  const policy = base();
  policy.get('login')?.checks.add(strangerCheck());
  policy.get('login')?.checks.add(otherUserCheck(subjectFor), 0);
  policy.get('login')?.checks.add(attainableCheck(contracts), 0);
  policy.get('login')?.checks.add(redirectUriCheck(), 0);
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
    'login_required',
    ({ oidc }) =>
      oidc.session?.accountId !== undefined && oidc.account === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
  );
}

/** A redirect URI that was taken from the client's registration during the login gets no code. */
function redirectUriCheck() {
  return new Check('redirect_uri', 'the redirect_uri is not registered any more', ({ oidc }) => {
    if (oidc.client?.redirectUriAllowed(String(oidc.params?.redirect_uri))) return Check.NO_NEED_TO_PROMPT;
    throw new errors.InvalidRedirectUri();
  });
}

/**
 * Somebody else than the site asked for has logged in: the site is told so and gets no code (OpenID Connect Core
 * 3.1.2.1 on id_token_hint, 5.5.1 on sub). The provider by itself reads id_token_hint before the login only.
 */
function otherUserCheck(subjectFor: SubjectFor) {
  return new Check('other_user', 'another user was asked for', async ({ oidc }) => {
    const { client, session, result } = oidc;
    if (!result?.login || !client || !session?.accountId) return Check.NO_NEED_TO_PROMPT;
    const sub = subjectFor(client, session.accountId);
    if ((await wantedSubjects(oidc, client)).every((wanted) => wanted === sub))
      return Check.NO_NEED_TO_PROMPT;
    throw new errors.LoginRequired('another user has logged in than was asked for');
  });
}

async function wantedSubjects(oidc: KoaContextWithOIDC['oidc'], client: Client): Promise<unknown[]> {
  const { sub } = (oidc.claims?.id_token ?? {}) as { sub?: { value?: unknown } | null };
  const named = sub?.value === undefined ? [] : [sub.value];
  const hint = oidc.params?.id_token_hint;
  if (typeof hint !== 'string') return named;
  const { payload } = await oidc.provider.IdToken.validate(hint, client);
  return [...named, payload.sub];
}

/**
 * An essential acr that no login method of the contract gives is refused at once: asking the person could never end
 * (OpenID Connect Core Unmet Authentication Requirements 1.0).
 */
function attainableCheck(contracts: Contracts) {
  return new Check('attainable_acr', 'the requested acr cannot be reached', (ctx) => {
    const { client } = ctx.oidc;
    const accepts = essentialAcr(ctx);
    if (!accepts || !client) return Check.NO_NEED_TO_PROMPT;
    const { login_methods: methods } = contracts.latest(contractOf(client)).policy;
    if (methods.some((method) => accepts(PROOFS[method].acr))) return Check.NO_NEED_TO_PROMPT;
    throw new errors.UnmetAuthenticationRequirements('none of the requested ACRs can be obtained');
  });
}

/** What the essential claim acr accepts (OpenID Connect Core 5.5.1.1); undefined where there is no such claim. */
function essentialAcr({ oidc }: KoaContextWithOIDC): ((acr: string) => boolean) | undefined {
  const acr = (oidc.claims?.id_token as Record<string, unknown> | undefined)?.acr;
  if (typeof acr !== 'object' || acr === null) return undefined;
  const { essential, value, values } = acr as { essential?: unknown; value?: unknown; values?: unknown };
  if (essential !== true) return undefined;
  return (one) => (!value || value === one) && (!Array.isArray(values) || values.includes(one));
}
