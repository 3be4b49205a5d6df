/** Our own pages in the place of the provider's default ones. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { SiteLink } from '../http/page.ts';
import { show } from '../http/render.ts';
import { type ErrorLocals, errorPage, formPostPage, loggedOutPage, logoutPage } from './pages.ts';
import { siteLink } from './site-link.ts';

/**
 * An error that cannot be sent to the site. Shows the code and a reference, never the provider's detail, which is in the
 * log beside the reference.
 */
export async function showError(
  ctx: KoaContextWithOIDC,
  out: { error: string; error_description?: string },
  error: Error & { error_detail?: string },
): Promise<void> {
  ctx.state.dress?.();
  const status = Math.max(ctx.status, 400);
  const detail = error.error_detail ?? error.message;
  ctx.state.log.info({ error: out.error, detail, client: ctx.oidc?.client?.clientId }, 'protocol error');
  const reference = String(ctx.state.requestId ?? '');
  if (ctx.accepts('json', 'html') !== 'html') {
    ctx.status = status;
    ctx.body = { error: out.error, error_description: out.error_description, reference };
    return;
  }
  const site = siteOf(ctx);
  await show(ctx, errorPage, { error: out.error, reference, site, explanation: explain(ctx, error) }, status);
}

function siteOf({ oidc }: KoaContextWithOIDC): SiteLink | null {
  return oidc?.client ? siteLink(oidc.client as never, oidc.issuer) : null;
}

function explain({ oidc }: KoaContextWithOIDC, error: Error): ErrorLocals['explanation'] {
  if (oidc?.route?.startsWith('end_session')) return 'logout';
  switch (error.name) {
    case 'InvalidClient':
      return 'unknown_client';
    case 'InvalidRedirectUri':
      return 'bad_redirect_uri';
    case 'SessionNotFound':
      return 'expired';
    default:
      return 'request';
  }
}

/** Asks before a logout (RP-Initiated Logout 1.0 section 2). */
export async function showLogout(ctx: KoaContextWithOIDC): Promise<void> {
  ctx.state.dress?.();
  const state = ctx.oidc.session?.state as { secret?: string } | undefined;
  await show(ctx, logoutPage, {
    action: ctx.oidc.urlFor('end_session_confirm'),
    xsrf: state?.secret ?? '',
    siteName: ctx.oidc.client?.clientName ?? null,
  });
}

/** After a logout that names no page to return to. */
export async function showLoggedOut(ctx: KoaContextWithOIDC): Promise<void> {
  ctx.state.dress?.();
  await show(ctx, loggedOutPage, { site: siteOf(ctx) });
}

const FORM =
  /^<!DOCTYPE html>[\s\S]*?<title>Submitting Callback<\/title>[\s\S]*?<form method="post" action="([^"]*)">/;
const FIELD = /<input type="hidden" name="([^"]*)" value="([^"]*)"\/>/g;

/**
 * The provider's self-submitting form (form_post response mode, and its way between two accounts) as a page of ours: in
 * the person's language, with a button, and without an inline script. Its markup is fixed in the provider and cannot be
 * configured, so it is read back here; a test fails when a new version writes it differently.
 */
export async function showFormPost(ctx: KoaContextWithOIDC): Promise<void> {
  const body = typeof ctx.body === 'string' ? ctx.body : '';
  const form = FORM.exec(body);
  if (!form?.[1]) return;
  const fields = [...body.matchAll(FIELD)].map(([, name = '', value = '']) => ({
    name,
    value: decodeEntities(value),
  }));
  const locals = { action: decodeEntities(form[1]), fields, scriptUrl: '/assets/form-post.js' };
  await show(ctx, formPostPage, locals, ctx.status);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
}
