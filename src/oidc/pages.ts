/** The pages of the protocol's own endpoints. */
import { definePage, type SiteLink } from '../http/page.ts';

/** A protocol error that cannot be sent back to the site (OpenID Connect Core 3.1.2.2, RFC 6749 section 4.1.2.1). */
export interface ErrorLocals {
  /** The protocol's error code: `invalid_client`. */
  error: string;
  /** The request id that stands in the log. */
  reference: string;
  site: SiteLink | null;
  /** What a person is told; `request` when nothing closer is known. */
  explanation: 'unknown_client' | 'bad_redirect_uri' | 'expired' | 'logout' | 'request';
}

const error: ErrorLocals = {
  error: 'invalid_client',
  reference: '01JD8Q4V7M',
  site: null,
  explanation: 'unknown_client',
};
const site: SiteLink = { name: '電子調達ポータル', url: 'https://site.example.com/' };

export const errorPage = definePage<ErrorLocals>('oidc/error', [
  error,
  { ...error, error: 'invalid_redirect_uri', explanation: 'bad_redirect_uri' },
  { ...error, error: 'invalid_request', explanation: 'expired', site },
  { ...error, error: 'invalid_request', explanation: 'logout', site },
  { ...error, error: 'invalid_request', explanation: 'request', site },
]);

/** Asks whether to log out (RP-Initiated Logout 1.0 section 2). Posts `xsrf`, and `logout=yes` when the user agrees. */
export interface LogoutLocals {
  action: string;
  xsrf: string;
  siteName: string | null;
}

export const logoutPage = definePage<LogoutLocals>('oidc/logout', [
  { action: '/session/end/confirm', xsrf: '3f2a91c04b', siteName: site.name },
  { action: '/session/end/confirm', xsrf: '3f2a91c04b', siteName: null },
]);

/** Shown after a logout that names no page of the site to return to, or after the user stayed logged in elsewhere. */
export interface LoggedOutLocals {
  site: SiteLink | null;
}

export const loggedOutPage = definePage<LoggedOutLocals>('oidc/logged-out', [{ site }, { site: null }]);

/** Hands an authorization response to the site as a form (OAuth 2.0 Form Post Response Mode), with or without scripts. */
export interface FormPostLocals {
  /** The redirect URI, as registered. */
  action: string;
  fields: readonly { name: string; value: string }[];
  /** The script that sends the form by itself: `/assets/form-post.js`. */
  scriptUrl: string;
}

export const formPostPage = definePage<FormPostLocals>('oidc/form-post', [
  {
    action: 'https://site.example.com/callback',
    fields: [
      { name: 'code', value: 'SplxlOBeZQQYbYS6WxSbIA' },
      { name: 'state', value: 'af0ifjsldkj' },
    ],
    scriptUrl: '/assets/form-post.js',
  },
]);
