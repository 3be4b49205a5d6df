/** A login that goes on when the session in which it began has ended. */
import type { OpenInteraction } from './interaction.ts';

/**
 * After an account's sessions were ended from within a login: the provider would insist on the session in which the login
 * began, and take its pages for those of another browser.
 */
export async function outliveSession({ details }: OpenInteraction, accountId: string): Promise<void> {
  if (details.session?.accountId !== accountId) return;
  details.session = undefined;
  await details.persist();
}
