/** Where a person can start again: the site that a client stands for. */
import type { SiteLink } from '../http/page.ts';

/** What a registered client says about itself, in the registration's own words. */
export interface SiteMetadata {
  readonly clientName: string;
  readonly initiateLoginUri?: string | undefined;
  readonly clientUri?: string | undefined;
  readonly redirectUris?: readonly string[] | undefined;
}

/**
 * The site's start page: where it asked logins to begin (initiate_login_uri, OpenID Connect Core 4), its home page
 * (client_uri), or the origin of its first redirect URI. @returns null for clients without a Web page
 */
export function siteLink(
  { clientName, initiateLoginUri, clientUri, redirectUris }: SiteMetadata,
  issuer: string,
): SiteLink | null {
  const url = withIssuer(initiateLoginUri, issuer) ?? clientUri ?? originOf(redirectUris?.[0]);
  return url ? { name: clientName, url } : null;
}

/** A login that somebody else initiates says at which provider: `iss` is required (OpenID Connect Core 4). */
function withIssuer(uri: string | undefined, issuer: string): string | undefined {
  if (uri === undefined || !URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  url.searchParams.set('iss', issuer);
  return url.href;
}

function originOf(uri: string | undefined): string | undefined {
  if (uri === undefined || !URL.canParse(uri)) return undefined;
  const { origin, protocol } = new URL(uri);
  return protocol === 'https:' || protocol === 'http:' ? `${origin}/` : undefined;
}
