/** A user as the provider's account: which claims it has, and whether it still may have sessions and tokens. */
import { createHmac } from 'node:crypto';
import type { Account, Client, KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../clock.ts';
import type { UnitOfWork } from '../database/stores.ts';
import { mayUseSessions, type User } from '../users/user.ts';
import { CONTRACT_PROPERTY } from './contracts.ts';

/** The contract that a client of the provider belongs to. */
export function contractOf(client: Client): string {
  return String(client[CONTRACT_PROPERTY]);
}

/**
 * @returns the provider's `findAccount`: nothing for users of another contract than the client's, and for users who are
 * disabled, deleted or past their date, whose sessions and tokens end by that
 */
export function accountFinder(uow: UnitOfWork, clock: Clock) {
  return async (ctx: KoaContextWithOIDC, sub: string): Promise<Account | undefined> => {
    const user = await uow.read(({ users }) => users.find(sub));
    if (!user || !mayUseSessions(user, clock.now())) return undefined;
    const { client } = ctx.oidc;
    if (client && contractOf(client) !== user.contractId) return undefined;
    return accountOf(user, uow);
  };
}

function accountOf(user: User, uow: UnitOfWork): Account {
  return {
    accountId: user.sub,
    async claims(use, scope, requested) {
      // In the code flow scopes ask for claims of userinfo; an ID token has only those that are asked for by name.
      const wanted = new Set(use === 'userinfo' ? scope.split(' ') : []);
      const claims = { sub: user.sub, contract: user.contractId, user_id: user.userId };
      if (!wanted.has('email') && !('email' in requested) && !('email_verified' in requested)) return claims;
      const devices = await uow.read(({ users }) => users.devices(user.sub));
      const first = devices.find((device) => device.confirmedAt !== null);
      return first ? { ...claims, email: first.address, email_verified: true } : claims;
    },
  };
}

/**
 * Pairwise subject identifier (OpenID Connect Core 8.1): the same for all clients of one sector, unlinkable between
 * sectors. The salt is an installation's key that is never rotated.
 */
export function pairwiseSubject(salt: string, sector: string, sub: string): string {
  return createHmac('sha256', salt).update(`${sector}\n${sub}`).digest('base64url');
}
