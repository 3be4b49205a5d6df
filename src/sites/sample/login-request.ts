import type { SignInWish } from './sign-in.ts';

/** What `/login` makes of its parameters: a wish to pass on, or a refusal. */
export type LoginRequest = { kind: 'wish'; wish: SignInWish } | { kind: 'refused'; reason: string };

/**
 * Reads the parameters of `/login`: the site's own links, and logins that others initiate (OpenID Connect Core section 4):
 * `iss` must be the site's provider, `target_link_uri` must lie on the site itself.
 */
export function readLoginRequest(
  query: URLSearchParams,
  site: { issuer: string; origin: string },
): LoginRequest {
  const issuer = query.get('iss');
  if (issuer !== null && issuer !== site.issuer) return { kind: 'refused', reason: 'another issuer' };
  const returnTo = ownPath(query.get('target_link_uri') ?? '/', site.origin);
  if (returnTo === undefined) return { kind: 'refused', reason: 'target_link_uri of another site' };
  const maxAge = matching(query.get('max_age'), /^\d{1,6}$/);
  return {
    kind: 'wish',
    wish: {
      returnTo,
      prompt: matching(query.get('prompt'), /^login$/),
      maxAge: maxAge === undefined ? undefined : Number(maxAge),
      acr: matching(query.get('acr_values'), /^[\w:.+-]{1,100}$/),
      uiLocales: matching(query.get('ui_locales'), /^[A-Za-z0-9 -]{1,50}$/),
      loginHint: matching(query.get('login_hint'), /^\P{Cc}{1,200}$/u),
    },
  };
}

/** The parameters of section 4 as `/login` takes them by GET. */
export function loginQuery({ returnTo, loginHint }: SignInWish): URLSearchParams {
  const query = new URLSearchParams({ target_link_uri: returnTo });
  if (loginHint !== undefined) query.set('login_hint', loginHint);
  return query;
}

/** Path and query of an address of this origin; undefined for any other address. */
function ownPath(address: string, origin: string): string | undefined {
  if (address.length > 2000 || !URL.canParse(address, origin)) return undefined;
  const url = new URL(address, origin);
  // `//` at the start of a path would name another host once it stands alone.
  if (url.origin !== origin || url.pathname.startsWith('//')) return undefined;
  return `${url.pathname}${url.search}`;
}

function matching(value: string | null, pattern: RegExp): string | undefined {
  return value !== null && pattern.test(value) ? value : undefined;
}
