/**
 * Reminders: of invitations that nobody has used, and of users whose login ends soon. Each is noted in the unit of work that
 * adds its mails, so that of several processes one sends it, once.
 */
import { startRounds } from '../database/rounds.ts';
import { remindOfInvitations } from './invitation-reminders.ts';
import { type RemindingParts, remindOfValidity } from './validity-reminders.ts';

/**
 * Makes what is due; of very much a part, and the rest when it is called again.
 * @param goOn false once it should end early @returns how many invitations and users were reminded of
 */
export async function remind(parts: RemindingParts, goOn: () => boolean = () => true): Promise<number> {
  let reminded = await remindOfInvitations(parts, goOn);
  const contracts = await parts.uow.read((stores) => stores.contracts.list());
  for (const { id, policy } of contracts) {
    if (policy.validity.remind_days_before > 0) reminded += await remindOfValidity(parts, id, goOn);
  }
  return reminded;
}

/** Reminds every minute. @param failed told of a round that could not be finished @returns stops it */
export function startReminders(parts: RemindingParts, failed: (error: unknown) => void): () => Promise<void> {
  return startRounds((goOn) => remind(parts, goOn), failed);
}
