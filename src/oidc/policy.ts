/** When a person must be asked: the provider's own reasons and ours, each a named check. */
import { type Client, errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { allFactors, FACTORS } from '../contracts/login-methods.ts';
import type { UnitOfWork } from '../database/stores.ts';
import { contractOf } from './account.ts';
import type { Contracts } from './contracts.ts';
import { demandOf, meets } from './demand.ts';
import { factorsOfAmr } from './login-methods.ts';
import { stepUpPrompt } from './step-up.ts';

const { Check, base } = interactionPolicy;

/** A user's subject identifier as a client knows it. */
export type SubjectFor = (client: Client, sub: string) => string;

/** The interaction policy of the provider's configuration. */
export function loginPolicy(contracts: Contracts, uow: UnitOfWork, subjectFor: SubjectFor) {
  const policy = base();
  // The provider's own know essential values only, and take none but these very ones.
  policy.get('login')?.checks.remove('essential_acr');
  policy.get('login')?.checks.remove('essential_acrs');
  policy.add(stepUpPrompt(contracts, uow), 1);
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
 * An essential acr that nobody in the contract can prove is refused at once: asking the person could never end (OpenID
 * Connect Core Unmet Authentication Requirements 1.0). A code reaches whoever has an address, whatever the login method;
 * a password is there where a method of the contract has one.
 */
function attainableCheck(contracts: Contracts) {
  return new Check('attainable_acr', 'the requested acr cannot be reached', ({ oidc }) => {
    const { client, session, account, params } = oidc;
    const demand = demandOf(params ?? {});
    if (!demand?.essential || !client) return Check.NO_NEED_TO_PROMPT;
    if (account && meets(demand, factorsOfAmr(session?.amr))) return Check.NO_NEED_TO_PROMPT;
    const { login_methods: methods } = contracts.latest(contractOf(client)).policy;
    if (meets(demand, allFactors(['otp'], ...methods.map((method) => FACTORS[method]))))
      return Check.NO_NEED_TO_PROMPT;
    throw new errors.UnmetAuthenticationRequirements('none of the requested ACRs can be obtained');
  });
}
