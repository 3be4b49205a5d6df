import { randomInt } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import nodemailer from 'nodemailer';
import type Provider from 'oidc-provider';
import rawBody from 'raw-body';

const codes = new Map<string, { userId: string; code: string }>();

function form(uid: string, name: string, label: string): string {
  return `<!doctype html><html lang="en"><title>Sign in</title><form method="post" action="/interaction/${uid}/${name}">
<label>${label} <input name="${name}" autofocus></label><button>Send</button></form></html>`;
}

async function formBody(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await rawBody(request, { encoding: 'utf8', limit: '8kb' }));
}

function mailer(smtpUrl: string): (userId: string, code: string) => void {
  const transport = nodemailer.createTransport({ url: smtpUrl, pool: true, maxMessages: Infinity });
  return (userId, code) => {
    transport
      .sendMail({
        from: 'login@bench.example',
        to: `${userId}@users.bench.example`,
        subject: 'Your one-time password',
        text: `Your one-time password is:\n\n${code}\n\nIf you did not ask for it, ignore this mail.\n`,
        html: `<p>Your one-time password is:</p><p><b>${code}</b></p><p>If you did not ask for it, ignore this mail.</p>`,
      })
      .catch((error: Error) => console.error(`mail: ${error.message}`));
  };
}

/** The smallest two-page login: user ID, then the code mailed to `<user ID>@users.bench.example`. */
export function interaction(provider: Provider, smtpUrl: string): Middleware {
  const sendCode = mailer(smtpUrl);
  return async (ctx, next) => {
    const [, uid, step] = /^\/interaction\/([^/]+)(?:\/([^/]+))?$/.exec(ctx.path) ?? [];
    if (uid === undefined) return next();
    if (ctx.method === 'GET') {
      await provider.interactionDetails(ctx.req, ctx.res);
      ctx.body = form(uid, 'user_id', 'User ID');
      return;
    }
    const fields = await formBody(ctx.req);
    if (step === 'user_id') {
      await provider.interactionDetails(ctx.req, ctx.res);
      const userId = fields.get('user_id') ?? '';
      const code = String(randomInt(1_000_000)).padStart(6, '0');
      codes.set(uid, { userId, code });
      sendCode(userId, code);
      ctx.body = form(uid, 'code', 'One-time password');
      return;
    }
    const wanted = codes.get(uid);
    codes.delete(uid);
    if (!wanted || fields.get('code') !== wanted.code) {
      ctx.status = 401;
      return;
    }
    const login = { accountId: wanted.userId, amr: ['otp'] };
    const resume = await provider.interactionResult(ctx.req, ctx.res, { login });
    ctx.status = 303;
    ctx.redirect(resume);
  };
}
