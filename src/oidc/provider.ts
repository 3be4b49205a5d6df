/** The running provider: one oidc-provider instance, made anew when the installation's keys change. */
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import { SECOND } from '../clock.ts';
import { hashToken, sameString } from '../secrets.ts';
import { configurationOf, type ProviderParts } from './configuration.ts';
import { answeredAcr } from './demand.ts';
import { tellAfterCommit } from './end-session.ts';
import { ensureKeys, type KeySet, loadKeys } from './keys.ts';

/** How often a running server looks whether keys were rotated. */
const LOOK_FOR_KEYS = 5 * SECOND;

export interface RunningProvider {
  /** The instance that answers now; do not keep it beyond a request. */
  current(): Provider;
  /** Looks for rotated keys now; called by itself every few seconds. */
  refresh(): Promise<void>;
  /** Signatures made since start, for /metrics. */
  readonly signatures: number;
  stop(): void;
}

export interface ProviderEvents {
  /** A fault inside the provider, which answered with server_error. */
  fault(error: Error, requestId: unknown): void;
  /** The keys could not be read again; the ones in use stay. */
  keysUnreadable(error: Error): void;
}

/** Makes the keys where needed and starts the provider. @throws CannotOpen when SECRETS do not fit the database */
export async function startProvider(parts: ProviderParts, events: ProviderEvents): Promise<RunningProvider> {
  await ensureKeys(parts.uow, parts.secrets, parts.clock);
  const counted = { signatures: 0 };
  const make = (keys: KeySet) => {
    parts.cookies.use(keys.cookieKeys);
    return makeProvider(parts, keys, events, counted);
  };
  let keys = await loadKeys(parts.uow, parts.secrets, parts.clock);
  let provider = make(keys);
  const refresh = async () => {
    const found = await loadKeys(parts.uow, parts.secrets, parts.clock);
    if (found.version === keys.version) return;
    keys = found;
    provider = make(found);
  };
  const timer = setInterval(() => refresh().catch((error) => events.keysUnreadable(error)), LOOK_FOR_KEYS);
  timer.unref();
  return {
    current: () => provider,
    refresh,
    get signatures() {
      return counted.signatures;
    },
    stop: () => clearInterval(timer),
  };
}

function makeProvider(
  parts: ProviderParts,
  keys: KeySet,
  events: ProviderEvents,
  counted: { signatures: number },
): Provider {
  const provider = new Provider(parts.issuer, configurationOf(parts, keys));
  // Requests arrive with the headers that http/canonical-request.ts wrote, not the client's.
  provider.proxy = true;
  // Koa would print faults that are logged already.
  provider.silent = true;
  provider.on('server_error', (ctx, error) => {
    ctx.state.fault = error;
    events.fault(error, ctx.state.requestId);
  });
  provider.on('backchannel.error', (ctx, error, client) => {
    ctx.state.log.warn({ client: client.clientId, err: error }, 'back-channel logout failed');
  });
  tellAfterCommit(provider);
  answerAcr(provider);
  const clients = provider.Client.prototype as unknown as { compareClientSecret(actual: string): boolean };
  clients.compareClientSecret = function (this: { clientSecret: string }, actual) {
    return sameString(hashToken(actual), this.clientSecret);
  };
  const tokens = provider.IdToken.prototype as unknown as { issue(...options: unknown[]): Promise<string> };
  const { issue } = tokens;
  tokens.issue = function (...options) {
    counted.signatures += 1;
    return issue.apply(this, options);
  };
  return provider;
}

/** Codes and tokens carry the acr that the site asked for, where the session has it; the provider knows one per session. */
function answerAcr(provider: Provider): void {
  Object.defineProperty(provider.OIDCContext.prototype, 'acr', {
    get(this: KoaContextWithOIDC['oidc']) {
      return answeredAcr(this.params ?? {}, this.session?.amr);
    },
  });
}
