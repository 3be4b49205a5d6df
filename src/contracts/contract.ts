/** A contract and its clients as the rest of the program sees them. */
import type { Policy } from './policy.ts';

export interface Contract {
  readonly id: string;
  readonly name: string;
  readonly policy: Policy;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Client metadata in the words of OpenID Connect Dynamic Client Registration 1.0, section 2. */
export type ClientMetadata = Readonly<Record<string, unknown>>;

export interface Client {
  readonly clientId: string;
  readonly contractId: string;
  readonly name: string;
  /** Without client_id, client_name and client_secret. */
  readonly metadata: ClientMetadata;
  /** SHA-256 of the secret (src/secrets.ts hashToken); null for clients that have none. */
  readonly secretHash: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
