/** What sending mail needs of the stores: a part of Stores and UnitOfWork in src/database/stores.ts. */
import type { InvitationStore } from '../credentials/invitation-store.ts';
import type { CodeStore } from '../credentials/store.ts';
import type { MailStore } from './store.ts';

interface MailStores {
  readonly mails: MailStore;
  readonly codes: Pick<CodeStore, 'find'>;
  readonly invitations: Pick<InvitationStore, 'find'>;
}

/** Units of work over these stores. */
export interface MailWork {
  read<T>(work: (stores: MailStores) => Promise<T>): Promise<T>;
  write<T>(work: (stores: MailStores) => Promise<T>): Promise<T>;
}
