/** Pages of a login that is over: what became of it, and the way back to the site. */
import type { Context } from 'koa';
import type { UnitOfWork } from '../database/stores.ts';
import { seeOther } from '../http/see-other.ts';
import type { LostInteraction } from '../oidc/interaction.ts';
import type { RunningProvider } from '../oidc/provider.ts';
import { hashToken } from '../secrets.ts';
import { showStray } from './problems.ts';

/** @param uid from the URL */
export async function showEnded(
  ctx: Context,
  uid: string,
  interaction: LostInteraction,
  { uow, running }: { uow: UnitOfWork; running: RunningProvider },
): Promise<void> {
  if (interaction.state === 'lost') return showStray(ctx, 'expired_page', interaction);
  const resumeUrl = await unfinishedRedirect(ctx, uid, running);
  if (resumeUrl && ctx.method === 'GET') return seeOther(ctx, resumeUrl);
  // A login that was given up has ended as well, and nobody is logged in by it.
  const kind = (await hasSignedIn(uow, uid)) ? 'already_signed_in' : 'expired_page';
  await showStray(ctx, kind, interaction, resumeUrl ? `/interaction/${uid}` : null);
}

/**
 * All was right, but the browser never followed the redirect that completes the login: of a double click it follows
 * the second answer only. It may do so now.
 */
async function unfinishedRedirect(
  ctx: Context,
  uid: string,
  running: RunningProvider,
): Promise<string | null> {
  const details = await running
    .current()
    .interactionDetails(ctx.req, ctx.res)
    .catch((error: Error) => {
      if (error.name === 'SessionNotFound') return undefined;
      throw error;
    });
  return details?.uid === uid && details.result?.login ? details.returnTo : null;
}

async function hasSignedIn(uow: UnitOfWork, uid: string): Promise<boolean> {
  return uow.read(async ({ attempts, codes }) => {
    const attempt = await attempts.find(hashToken(uid));
    if (attempt && !attempt.needs.includes('otp')) return attempt.passwordAt !== null;
    const code = attempt?.codeId ? await codes.find(attempt.codeId) : undefined;
    return code !== undefined && code.spentAt !== null;
  });
}
