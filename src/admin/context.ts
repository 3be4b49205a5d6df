/** What every verb of administration works with, and the trace that each change leaves. */
import type { Clock } from '../clock.ts';
import type { Stores, UnitOfWork } from '../database/stores.ts';
import type { Installation } from '../notices/about.ts';
import { newId, type Secrets } from '../secrets.ts';

export interface AdminContext {
  readonly uow: UnitOfWork;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly installation: Installation;
  /** Who does it, as the audit trail names them: `command`, or an administrator. */
  readonly actor: string;
}

/** A change, as the audit trail keeps it. */
export interface Change {
  /** What was done: `user.unlock`, `client.create`, … */
  readonly action: string;
  readonly contractId: string;
  /** A contract's id, a client_id or a user's sub. */
  readonly subject: string;
  /** No secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Adds the audit event of a change; called in the transaction that makes the change. */
export async function record(
  { audit }: Stores,
  { actor, clock }: AdminContext,
  { action, contractId, subject, details = {} }: Change,
): Promise<void> {
  await audit.add({ id: newId(), actor, action, contractId, subject, details, at: clock.now() });
}
