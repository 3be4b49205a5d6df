/** Hands a finished login back to the provider. */
import type { Context } from 'koa';
import type { Factor } from '../contracts/login-methods.ts';
import type { UnitOfWork } from '../database/stores.ts';
import type { User } from '../users/user.ts';
import { endSession } from './end-session.ts';
import type { OpenInteraction } from './interaction.ts';
import { factorsOfAmr, proofOf } from './login-methods.ts';
import { SessionEnded } from './sessions.ts';

export interface FinishedLogin {
  /** As read before what he proved was looked at: what has ended since does not begin anew by this login. */
  readonly user: Pick<User, 'sub' | 'signOuts'>;
  /** All that this login rests on, what the session had proven before included. */
  readonly factors: readonly Factor[];
  /** Those of them that the session had proven before (OpenInteraction.stepUp): they count as long as it lasts. */
  readonly held: readonly Factor[];
  /** When the person proved to be the user (ms): auth_time. */
  readonly at: number;
}

/**
 * Records the login in the interaction. When the browser is signed in as somebody else, that session ends first: the
 * provider would otherwise put a page between the two that needs a script.
 * @returns where to redirect (303): on to the site, or, when the session that `held` is of, or all that the user was
 * signed in by (end-account.ts), has ended meanwhile, to the beginning of the login
 */
export async function finishLogin(
  ctx: Context,
  { details: interaction, provider }: OpenInteraction,
  uow: UnitOfWork,
  { user: { sub, signOuts }, factors, held, at }: FinishedLogin,
): Promise<string> {
  // As the browser is signed in now, not as it was when the login began: another tab may have been quicker.
  const beginning = `/interaction/${interaction.uid}`;
  const session = await provider.Session.get(ctx as never);
  const lasts = session.accountId === sub && session.uid === interaction.session?.uid;
  const stillHeld = lasts ? factorsOfAmr(session.amr) : [];
  if (!held.every((factor) => stillHeld.includes(factor))) return beginning;
  if (session.accountId && session.accountId !== sub) {
    await endSession(provider, session, uow, (clientId, error) =>
      ctx.state.log.warn({ client: clientId, err: error }, 'back-channel logout failed'),
    );
    interaction.session = undefined;
  }
  // The session in which the login began has ended: the login does not need it, and the provider would insist on it.
  if (session.uid !== interaction.session?.uid) interaction.session = undefined;
  const { acr, amr } = proofOf(factors);
  interaction.result = {
    login: { accountId: sub, acr, amr: [...amr], ts: Math.floor(at / 1000), remember: true },
    // For the adapter, which keeps it on this condition.
    signOuts,
  };
  try {
    await interaction.persist();
  } catch (error) {
    if (!(error instanceof SessionEnded)) throw error;
    interaction.result = undefined;
    await interaction.persist();
    return beginning;
  }
  return interaction.returnTo;
}
