/** `/inbox`: the mails of the trial mode. Never mounted anywhere else: whoever sees it can log in as anybody. */
import Router from '@koa/router';
import { formatDateTime } from '../http/locale.ts';
import { show } from '../http/render.ts';
import type { Inbox, InboxMail } from './inbox.ts';
import { inboxPage, type MailLine, messagePage } from './pages.ts';

/** A mail may style itself, and nothing else; only a page of ours may frame it. */
const BODY_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

/**
 * `GET /inbox`, `/inbox/:id`, `/inbox/:id/body`, and for scripts `/inbox.json`: an array of `{ id, to, from, subject,
 * text, at }`, newest first, `at` in ISO 8601.
 * @param timeZone IANA zone of the times on the pages
 */
export function inboxRoutes(inbox: Inbox, timeZone: string): Router {
  const router = new Router();
  const line = (mail: InboxMail): MailLine => ({
    id: mail.id,
    to: mail.to,
    subject: mail.subject,
    at: formatDateTime(mail.at, timeZone),
  });

  // Trial mode's front page: a newcomer who opens the issuer finds something.
  router.get('/', (ctx) => ctx.redirect('/inbox'));

  router.get('/inbox', (ctx) =>
    show(ctx, inboxPage, { mails: inbox.list().map(line), otherTransport: inbox.otherTransport }),
  );

  router.get('/inbox.json', (ctx) => {
    ctx.body = inbox.list().map(({ id, to, sender, subject, text, at }) => {
      return { id, to, from: sender, subject, text, at: new Date(at).toISOString() };
    });
  });

  router.get('/inbox/:id', async (ctx) => {
    const mail = inbox.find(ctx.params.id ?? '');
    if (!mail) return;
    ctx.state.framed = true;
    const { sender: from, text } = mail;
    await show(ctx, messagePage, { ...line(mail), from, text, htmlUrl: `/inbox/${mail.id}/body` });
  });

  router.get('/inbox/:id/body', (ctx) => {
    const mail = inbox.find(ctx.params.id ?? '');
    if (!mail) return;
    ctx.set('Content-Security-Policy', BODY_POLICY);
    ctx.set('X-Frame-Options', 'SAMEORIGIN');
    ctx.type = 'html';
    ctx.body = mail.html;
  });

  return router;
}
