/** A contract's name, logo and colour on pages. */
import { createHash } from 'node:crypto';
import type { Contract } from '../contracts/contract.ts';
import type { Brand } from '../http/page.ts';
import { themeStylesheet } from '../http/theme.ts';

/** How pages of a contract are headed. The version in the URLs lets browsers keep what they point to. */
export function brandOf(contract: Contract): Brand {
  const { appearance } = contract.policy;
  const base = `/contracts/${contract.id}`;
  return {
    name: appearance.name ?? contract.name,
    logoUrl: appearance.logo ? `${base}/logo?v=${version(appearance.logo)}` : null,
    themeUrl: appearance.colour ? `${base}/theme.css?v=${version(appearance.colour)}` : null,
  };
}

/** The stylesheet that gives pages the contract's colour; undefined where the contract sets none. */
export function themeOf(contract: Contract): string | undefined {
  const { colour } = contract.policy.appearance;
  return colour && themeStylesheet(colour);
}

/** The contract's logo as bytes; undefined where the contract sets none. */
export function logoOf(contract: Contract): { type: string; body: Buffer } | undefined {
  const [, type, data] = /^data:([^;]+);base64,(.+)$/.exec(contract.policy.appearance.logo ?? '') ?? [];
  return type && data ? { type, body: Buffer.from(data, 'base64') } : undefined;
}

function version(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 10);
}
