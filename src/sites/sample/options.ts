import type { Logger } from 'pino';
import type { Locale } from '../../http/locale.ts';

/** What the site knows: where its provider is, who it is there, and where it stands itself. */
export interface SampleSiteOptions {
  /** Issuer URL of the OpenID provider; all else comes from its discovery document. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** The site's own origin as browsers see it: `http://127.0.0.1:3001`. */
  origin: string;
  /** Address and port to listen on; port 0 takes a free one (for tests). */
  host: string;
  port: number;
  /** Seals what is kept in the browser during a sign-in. Any length; at least 128 bits of randomness. */
  cookieSecret: string;
  /** Where a user manages the account at the provider. */
  accountUrl?: string | undefined;
  /** Where the mails of a trial can be read. */
  inboxUrl?: string | undefined;
  /** Shown beside the login button: which sample user IDs there are. */
  note?: Readonly<Record<Locale, readonly string[]>> | undefined;
  log?: Logger | undefined;
}

/** What the site wants registered with its provider: OpenID Connect client metadata. */
export function sampleClientMetadata(origin: string) {
  return {
    redirect_uris: [`${origin}/callback`],
    post_logout_redirect_uris: [`${origin}/signed-out`],
    // Must be https (OpenID Connect Dynamic Client Registration 1.0 section 2), so not on a loopback origin.
    ...(origin.startsWith('https:') && { initiate_login_uri: `${origin}/login` }),
    backchannel_logout_uri: `${origin}/backchannel-logout`,
    backchannel_logout_session_required: true,
    client_uri: `${origin}/`,
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'client_secret_basic',
  };
}
