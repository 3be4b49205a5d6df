/** Corrects a user: addresses, date, language, and an invitation that is not needed. The sub stays. */
import type { z } from 'zod';
import { HOUR } from '../clock.ts';
import type { Contract } from '../contracts/contract.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import type { Device, User } from '../users/user.ts';
import { changedMeanwhile, laterThan } from './changed-meanwhile.ts';
import { type AdminContext, record } from './context.ts';
import { addDevices } from './create-user.ts';
import { showContract } from './find-contract.ts';
import { findUser, type UserDetails, userDetails } from './find-user.ts';
import { checkInput, InputError } from './input.ts';
import { type Invited, type InvitedUser, invite, whyNotInvited, withdrawInvitation } from './invite.ts';
import { type UserChangesInput, userChangesSchema } from './user-input.ts';

type Changes = z.output<ReturnType<typeof userChangesSchema>>;

/** A code lives no longer (policy code.minutes, at most 60). */
const LONGEST_CODE = HOUR;

/**
 * Devices replace all that were there, confirmed at once. `active` lets an invited user of the method otp log in, without
 * the invitation. Where devices change, codes that are on their way to the old addresses are worth nothing any more, and an
 * invitation that was mailed there is replaced by a new one.
 * @throws SekishoError not_found; invalid_input naming every fault, or saying that another change was quicker
 */
export async function updateUser(
  context: AdminContext,
  contractId: string,
  userId: string,
  given: UserChangesInput,
): Promise<InvitedUser> {
  if (Object.values(given).every((value) => value === undefined)) {
    throw new SekishoError('invalid_input', 'nothing to change');
  }
  const { contract } = await showContract(context, contractId);
  const timeZone = contract.policy.time_zone ?? context.installation.timeZone;
  const changes = checkInput(userChangesSchema(timeZone), given, 'user');
  return context.uow.write(async (stores) => {
    const { user } = await findUser(stores, context, contractId, userId);
    const before = await userDetails(stores, context, user);
    const activate = changes.active === true && mustActivate(before.user);
    const changed = [...changedFields(before, changes), ...(activate ? ['state'] : [])];
    let invited: Invited | null = null;
    if (changed.length > 0) {
      invited = await change(stores, context, { before, contract, stored: user, changes, changed });
      await record(stores, context, {
        action: 'user.update',
        contractId,
        subject: user.sub,
        details: { user_id: user.userId, changed },
      });
    }
    return { ...(await userDetails(stores, context, user)), invited };
  });
}

/** Whether a user who is to be active is not yet. @throws InputError when that is another command's business */
function mustActivate({ state, loginMethod, userId }: User): boolean {
  const refuse = (message: string) => new InputError('user', [{ path: 'active', message }]);
  if (state === 'locked') throw refuse(`"${userId}" is locked and not invited: unlock the user`);
  if (state === 'disabled') throw refuse(`"${userId}" is disabled and not invited: enable the user`);
  if (state === 'invited' && loginMethod !== 'otp') {
    throw refuse('only users of the method otp need no registration');
  }
  return state === 'invited';
}

function changedFields({ user, devices }: UserDetails, changes: Changes): string[] {
  const fields: string[] = [];
  if (changes.devices && !sameDevices(devices, changes.devices)) fields.push('devices');
  if (changes.validUntil !== undefined && changes.validUntil !== user.validUntil) fields.push('valid_until');
  if (changes.locale !== undefined && changes.locale !== user.locale) fields.push('locale');
  return fields;
}

function sameDevices(before: readonly Device[], after: NonNullable<Changes['devices']>): boolean {
  return (
    before.length === after.length &&
    before.every(
      ({ address, type, confirmedAt }, index) =>
        confirmedAt !== null && address === after[index]?.address && type === after[index]?.type,
    )
  );
}

interface Change {
  readonly before: UserDetails;
  readonly contract: Contract;
  /** The user's row, whose lock may have run out. */
  readonly stored: User;
  readonly changes: Changes;
  readonly changed: readonly string[];
}

async function change(
  stores: Stores,
  context: AdminContext,
  { before, contract, stored, changes, changed }: Change,
): Promise<Invited | null> {
  const { validUntil = stored.validUntil, locale = stored.locale } = changes;
  const updatedAt = laterThan(stored.updatedAt, context.clock.now());
  // First: of two updates at once, the second finds the row changed and leaves all as it is.
  if (
    !(await stores.users.updateProfile({ sub: stored.sub, validUntil, locale, updatedAt }, stored.updatedAt))
  ) {
    throw changedMeanwhile(`user "${stored.userId}"`);
  }
  if (changed.includes('state')) {
    await stores.users.changeState(stored.sub, 'invited', 'active', null, updatedAt);
    await withdrawInvitation(stores, context, stored);
  }
  if (!changes.devices || !changed.includes('devices')) return null;
  await stores.users.removeDevices(stored.sub);
  await addDevices(stores, stored.sub, changes.devices, context.clock.now());
  await endCodes(stores, context, before);
  return inviteAnew(stores, context, contract, { ...stored, validUntil, locale });
}

/** An invitation that nobody has used yet goes to the new addresses; one that is handed over was never at the old. */
async function inviteAnew(
  stores: Stores,
  context: AdminContext,
  contract: Contract,
  user: User,
): Promise<Invited | null> {
  const now = context.clock.now();
  const pending = await stores.invitations.ofUser(user.sub);
  if (!pending || pending.spentAt !== null || pending.expiresAt <= now) return null;
  if (contract.policy.registration.delivery === 'administrator') return null;
  if (whyNotInvited(user, now) === null) return invite(stores, context, { contract, user }, {});
  await withdrawInvitation(stores, context, user);
  return null;
}

/** Who reads the old mailbox must not log in by what arrives there. */
async function endCodes(
  { mails, attempts, codes }: Stores,
  { clock }: AdminContext,
  { user, devices }: UserDetails,
): Promise<void> {
  const now = clock.now();
  const addresses = devices.map(({ address }) => address);
  for (const id of await mails.attemptsMailedTo(user.contractId, addresses, now - LONGEST_CODE)) {
    const attempt = await attempts.find(id);
    // Others may receive mail at the same address.
    if (attempt?.userSub === user.sub && attempt.codeId) await codes.spend(attempt.codeId, now);
  }
}
