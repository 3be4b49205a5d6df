/** The sites that a contract's users can go to. */
import type { Stores } from '../database/stores.ts';
import type { SiteLink } from '../http/page.ts';
import { siteLink } from './site-link.ts';

/** More than these help nobody on a page or in a mail. */
const MOST_SITES = 10;

/** Those registered first; clients without a Web page are left out. */
export async function contractSites(
  { clients }: Stores,
  contractId: string,
  issuer: string,
): Promise<SiteLink[]> {
  const all = await clients.list(contractId);
  return all
    .flatMap(({ name, metadata }) => siteLink({ clientName: name, ...namesOf(metadata) }, issuer) ?? [])
    .slice(0, MOST_SITES);
}

function namesOf(metadata: Readonly<Record<string, unknown>>) {
  return {
    initiateLoginUri: metadata.initiate_login_uri as string | undefined,
    clientUri: metadata.client_uri as string | undefined,
    redirectUris: metadata.redirect_uris as string[] | undefined,
  };
}
