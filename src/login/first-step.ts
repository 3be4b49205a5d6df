/** What a login begins with: the user ID, or, where somebody is signed in, only what the site wants besides. */

import { hasPassword } from '../contracts/login-methods.ts';
import { accountScope } from '../credentials/account-scope.ts';
import type { UnitOfWork } from '../database/stores.ts';
import { show } from '../http/render.ts';
import { userIdKey } from '../users/user-id.ts';
import { beginsWithPassword, needsOf } from './needs.ts';
import { passwordPage, stepUpPage, type UserIdLocals, unmetPage, userIdPage } from './pages.ts';
import { forgottenUrl } from './problems.ts';
import type { Step } from './steps.ts';

/** Asks for the user ID, and where all methods begin with one for the password. */
export async function askUserId(
  { ctx, base, csrf, interaction, place }: Step,
  typed: Pick<UserIdLocals, 'userId' | 'error' | 'passwordError'>,
): Promise<void> {
  const { contract, siteName } = interaction;
  const methods = contract.policy.login_methods;
  const asks = beginsWithPassword(contract.policy)
    ? 'beside_password'
    : methods.some(hasPassword)
      ? 'then_any'
      : 'then_code';
  ctx.state.scripted = asks === 'beside_password';
  const urls = {
    action: `${base}/user-id`,
    cancelAction: `${base}/cancel`,
    forgottenUrl: forgottenUrl(place),
  };
  await show(
    ctx,
    userIdPage,
    { ...urls, ...typed, csrf, siteName, asks },
    typed.error || typed.passwordError ? 400 : 200,
  );
}

/** Asks a known person for a password. */
export async function askPassword(
  { ctx, base, csrf, interaction, place }: Step,
  userId: string,
  { error = null, stepUp = false }: { error?: 'empty' | null; stepUp?: boolean } = {},
): Promise<void> {
  ctx.state.scripted = true;
  const { siteName } = interaction;
  const locals = {
    action: stepUp ? `${base}/user-id` : `${base}/password`,
    cancelAction: `${base}/cancel`,
    forgottenUrl: forgottenUrl(place),
    restartUrl: stepUp ? `${base}?other=1` : base,
    csrf,
    siteName,
    userId,
    stepUp,
    error,
  };
  await show(ctx, passwordPage, locals, error ? 400 : 200);
}

/** Asks who is signed in for what is missing. @returns false: nobody is, or somebody else wants to log in */
export async function askForMore(step: Step, uow: UnitOfWork): Promise<boolean> {
  const { ctx, base, csrf, interaction, visit } = step;
  const { stepUp, contract, siteName } = interaction;
  if (!stepUp || ctx.query.other === '1') return false;
  const { userId } = stepUp;
  const key = userIdKey(userId, contract.policy.user_id.case_sensitive);
  const account = accountScope(visit.secrets, contract.id, key);
  const needs = await uow.read(async (stores) => {
    const user = await stores.users.find(stepUp.sub);
    return user && needsOf(stores, visit, account, user);
  });
  if (!needs) return false;
  if (needs.unmet) await showUnmet(step);
  else if (needs.needs[0] === 'password') await askPassword(step, userId, { stepUp: true });
  else {
    const urls = { action: `${base}/user-id`, cancelAction: `${base}/cancel`, restartUrl: `${base}?other=1` };
    const { digits } = contract.policy.code;
    await show(ctx, stepUpPage, { ...urls, csrf, siteName, userId, digits });
  }
  return true;
}

/** The site insists on more than the user can prove. */
export async function showUnmet({ ctx, base, csrf, interaction }: Step): Promise<void> {
  const { contract, siteName } = interaction;
  ctx.state.log.info({ contract: contract.id, refusal: 'unmet' }, 'login refused');
  await show(
    ctx,
    unmetPage,
    {
      action: `${base}/unmet`,
      restartUrl: `${base}?other=1`,
      csrf,
      siteName,
      support: contract.policy.support_desk ?? null,
      reference: ctx.state.requestId,
    },
    403,
  );
}
