/**
 * What a client can register: metadata of OpenID Connect Dynamic Client Registration 1.0 section 2 (and the logout
 * specifications), checked. What follows from the rest (`response_types`) is filled in here.
 */
import { z } from 'zod';
import { httpsUri, isPrivateUseUri, landingUri, webUri } from './redirect-uri.ts';

const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const;
const AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
const ID_TOKEN_ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
const SUBJECT_TYPES = ['public', 'pairwise'] as const;
const APPLICATION_TYPES = ['web', 'native'] as const;

const MOST_URIS = 50;
const MOST_KEYS = 20;
/** Parts of a JWK that only its owner may have: private numbers, and `k` of a symmetric key (RFC 7518 section 6). */
const PRIVATE_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

const unique = <T extends z.ZodType>(item: T, most: number) =>
  z
    .array(item)
    .max(most, `must have at most ${most}`)
    .refine((list) => new Set(list).size === list.length, 'must not hold a value twice');

const jwk = z
  .looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) })
  .refine((key) => PRIVATE_PARTS.every((part) => !(part in key)), 'must be a public key');

const scope = z
  .string()
  .max(500)
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/,
    'must be names separated by single spaces',
  );

const fields = z.strictObject({
  application_type: z.enum(APPLICATION_TYPES).optional(),
  redirect_uris: unique(landingUri, MOST_URIS).default([]),
  post_logout_redirect_uris: unique(landingUri, MOST_URIS).optional(),
  token_endpoint_auth_method: z.enum(AUTH_METHODS).default('client_secret_basic'),
  grant_types: unique(z.enum(GRANT_TYPES), GRANT_TYPES.length)
    .min(1, 'must have at least one')
    .default(['authorization_code']),
  id_token_signed_response_alg: z.enum(ID_TOKEN_ALGS).optional(),
  subject_type: z.enum(SUBJECT_TYPES).optional(),
  sector_identifier_uri: httpsUri.optional(),
  jwks: z.strictObject({ keys: z.array(jwk).min(1, 'must have at least one').max(MOST_KEYS) }).optional(),
  jwks_uri: webUri.optional(),
  backchannel_logout_uri: webUri.optional(),
  initiate_login_uri: httpsUri.optional(),
  client_uri: webUri.optional(),
  scope: scope.optional(),
  default_acr_values: unique(z.string().min(1).max(200), 20).optional(),
  default_max_age: z.int().min(0).max(31_536_000).optional(),
});

type Fields = z.output<typeof fields>;
type Fault = (path: readonly (string | number)[], message: string) => void;

function checkUris(client: Fields, fault: Fault): void {
  if (client.application_type !== 'native') {
    for (const field of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
      for (const [index, uri] of (client[field] ?? []).entries()) {
        if (isPrivateUseUri(uri))
          fault([field, index], 'private-use schemes are for application_type native');
      }
    }
  }
  const codes = client.grant_types.includes('authorization_code');
  if (codes && client.redirect_uris.length === 0) fault(['redirect_uris'], 'must have at least one');
  if (!codes && client.redirect_uris.length > 0)
    fault(['redirect_uris'], 'are only for clients with the grant type authorization_code');
}

function checkGrants(
  { grant_types: grants, token_endpoint_auth_method: method }: Fields,
  fault: Fault,
): void {
  if (grants.includes('refresh_token') && !grants.includes('authorization_code'))
    fault(['grant_types'], 'refresh_token needs authorization_code');
  if (grants.includes('client_credentials') && method === 'none')
    fault(['grant_types'], 'client_credentials is not for public clients (auth method none)');
}

function checkKeys(client: Fields, fault: Fault): void {
  if (client.jwks !== undefined && client.jwks_uri !== undefined)
    fault(['jwks_uri'], 'give jwks or jwks_uri, not both');
  const wanted = client.token_endpoint_auth_method === 'private_key_jwt';
  if (wanted && client.jwks === undefined && client.jwks_uri === undefined)
    fault(['jwks'], 'private_key_jwt needs jwks or jwks_uri');
}

/** Metadata as it is stored. Faults are named by their path. */
export const metadataSchema = fields
  .superRefine((client, context) => {
    const fault: Fault = (path, message) => context.addIssue({ code: 'custom', path: [...path], message });
    checkUris(client, fault);
    checkGrants(client, fault);
    checkKeys(client, fault);
  })
  .transform((client) => ({
    ...client,
    response_types: client.grant_types.includes('authorization_code') ? ['code'] : [],
    // The logout token then names the session, which a site may ignore.
    ...(client.backchannel_logout_uri === undefined ? {} : { backchannel_logout_session_required: true }),
  }));

/** Whether a client with this metadata proves itself by a secret. */
export function needsSecret({
  token_endpoint_auth_method: method,
}: Readonly<Record<string, unknown>>): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post';
}

/** The part of stored metadata that was given, without what `metadataSchema` adds. */
export function givenMetadata(stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(stored).filter(([name]) => name in fields.shape));
}
