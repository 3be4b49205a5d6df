/** What mails about users name: contract, sites and dates, in the language of who reads them. */
import type { Contract } from '../contracts/contract.ts';
import type { Locale } from '../http/locale.ts';
import type { SiteLink } from '../http/page.ts';
import type { AboutContract, AboutUser } from '../mail/mail.ts';
import type { User } from '../users/user.ts';

/** What an installation sets for all contracts. */
export interface Installation {
  /** An origin, without a slash at its end. */
  readonly issuer: string;
  readonly defaultLocale: Locale;
  /** IANA name, where the contract has none. */
  readonly timeZone: string;
}

/** A user with what mails about it need. */
export interface Addressee {
  readonly contract: Contract;
  readonly user: User;
  /** The user's own, where mail goes now. */
  readonly addresses: readonly string[];
  /** Sites of the contract (oidc/contract-sites.ts). */
  readonly sites: readonly SiteLink[];
}

export function aboutContract({ name, policy }: Contract, { timeZone }: Installation): AboutContract {
  return {
    contractName: policy.appearance.name ?? name,
    timeZone: policy.time_zone ?? timeZone,
    senderName: policy.mail.sender_name ?? name,
    support: policy.support_desk ?? null,
  };
}

export function aboutUser({ contract, user, sites }: Addressee, installation: Installation): AboutUser {
  const { userId, validUntil } = user;
  return { ...aboutContract(contract, installation), userId, sites, validUntil };
}

/** The user's own language, else the contract's, else the installation's. @param user null: an administrator reads it */
export function localeOf({ policy }: Contract, user: User | null, { defaultLocale }: Installation): Locale {
  return user?.locale ?? policy.locale ?? defaultLocale;
}
