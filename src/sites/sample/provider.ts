import * as oidc from 'openid-client';

/** The OpenID provider as this site sees it. */
export interface Provider {
  readonly issuer: string;
  readonly clientId: string;
  /** Configuration made of the discovery document. @throws ProviderUnreachable */
  configuration(): Promise<oidc.Configuration>;
}

/** The discovery document could not be had, for now. */
export class ProviderUnreachable extends Error {}

const LOOPBACK = /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(\/|$)/;

/**
 * A provider that is looked up when it is first needed, and again as long as that fails: it may start after the site.
 * Plain http is accepted on this machine only.
 */
export function provider(issuer: string, clientId: string, clientSecret: string): Provider {
  let found: Promise<oidc.Configuration> | undefined;
  const discover = async () => {
    // Signatures of ID tokens are checked even where TLS would do (OpenID Connect Core 3.1.3.7, rule 6).
    const execute = [oidc.enableNonRepudiationChecks];
    if (LOOPBACK.test(issuer)) execute.push(oidc.allowInsecureRequests);
    const authentication = oidc.ClientSecretBasic(clientSecret);
    return oidc.discovery(new URL(issuer), clientId, undefined, authentication, { execute, timeout: 10 });
  };
  return {
    issuer,
    clientId,
    configuration() {
      found ??= discover().catch((cause) => {
        found = undefined;
        throw new ProviderUnreachable(`no discovery document from ${issuer}`, { cause });
      });
      return found;
    },
  };
}

/** Whether an error, or what caused it, is that no answer came. */
export function isUnreachable(error: unknown): boolean {
  for (let at = error; at instanceof Object; at = (at as Error).cause) {
    const { name, message, code } = at as Error & { code?: string };
    if (at instanceof ProviderUnreachable || code === 'OAUTH_TIMEOUT') return true;
    if (name === 'TimeoutError' || (name === 'TypeError' && message === 'fetch failed')) return true;
  }
  return false;
}
