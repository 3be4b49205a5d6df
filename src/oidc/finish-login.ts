/** Hands a finished login back to the provider. */
import type { Context } from 'koa';
import type { LoginMethod } from '../contracts/policy.ts';
import type { UnitOfWork } from '../database/stores.ts';
import { endSession } from './end-session.ts';
import type { OpenInteraction } from './interaction.ts';
import { PROOFS } from './login-methods.ts';

export interface FinishedLogin {
  readonly sub: string;
  readonly method: LoginMethod;
  /** When the person proved to be the user (ms): auth_time. */
  readonly at: number;
}

/**
 * Records the login in the interaction. When the browser is signed in as somebody else, that session ends first: the
 * provider would otherwise put a page between the two that needs a script.
 * @returns where to redirect (303)
 */
export async function finishLogin(
  ctx: Context,
  { details: interaction, provider }: OpenInteraction,
  uow: UnitOfWork,
  { sub, method, at }: FinishedLogin,
): Promise<string> {
  // As the browser is signed in now, not as it was when the login began: another tab may have been quicker.
  const session = await provider.Session.get(ctx as never);
  if (session.accountId && session.accountId !== sub) {
    await endSession(provider, session, uow, (clientId, error) =>
      ctx.state.log.warn({ client: clientId, err: error }, 'back-channel logout failed'),
    );
    interaction.session = undefined;
  }
  const { acr, amr } = PROOFS[method];
  interaction.result = {
    login: { accountId: sub, acr, amr: [...amr], ts: Math.floor(at / 1000), remember: true },
  };
  await interaction.persist();
  return interaction.returnTo;
}
