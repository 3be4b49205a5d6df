/** The options that make up a client's metadata: one line for each. */
import { type Command, Option } from 'commander';
import { readJsonFile } from './files.ts';

type Takes = 'text' | 'list' | 'number' | 'JSON file';

/** Flags, the field's name in OpenID Connect Dynamic Client Registration, what it takes, help. */
const METADATA_OPTIONS: readonly (readonly [flags: string, field: string, takes: Takes, help: string])[] = [
  ['--redirect-uri <uri>', 'redirect_uris', 'list', 'where users go after login (repeatable)'],
  ['--post-logout-redirect-uri <uri>', 'post_logout_redirect_uris', 'list', 'and after logout (repeatable)'],
  [
    '--auth-method <method>',
    'token_endpoint_auth_method',
    'text',
    'client_secret_basic (default), client_secret_post, private_key_jwt, none',
  ],
  [
    '--grant-type <type>',
    'grant_types',
    'list',
    'authorization_code (default), refresh_token, client_credentials (repeatable)',
  ],
  ['--application-type <type>', 'application_type', 'text', 'web (default), native'],
  ['--id-token-alg <alg>', 'id_token_signed_response_alg', 'text', 'RS256 (default), PS256, ES256, EdDSA'],
  ['--subject-type <type>', 'subject_type', 'text', 'public (default), pairwise'],
  [
    '--sector-identifier-uri <uri>',
    'sector_identifier_uri',
    'text',
    'for pairwise clients with several hosts',
  ],
  ['--jwks <file.json>', 'jwks', 'JSON file', 'public keys, for private_key_jwt'],
  ['--jwks-uri <uri>', 'jwks_uri', 'text', 'where the public keys are'],
  ['--backchannel-logout-uri <uri>', 'backchannel_logout_uri', 'text', 'is told when a session ends'],
  [
    '--initiate-login-uri <uri>',
    'initiate_login_uri',
    'text',
    'where a login can be started at the site (https)',
  ],
  ['--client-uri <uri>', 'client_uri', 'text', 'home page of the site'],
  ['--scope <names>', 'scope', 'text', 'limits what the client can ask for'],
  ['--default-acr <acr>', 'default_acr_values', 'list', 'asked for where a request names none (repeatable)'],
  ['--default-max-age <seconds>', 'default_max_age', 'number', 'oldest login that is good enough'],
];

/** Adds them all. */
export function withMetadataOptions(command: Command): Command {
  for (const [flags, , takes, help] of METADATA_OPTIONS) {
    const option = new Option(flags, help);
    if (takes === 'list') option.argParser((value: string, before: string[] = []) => [...before, value]);
    command.addOption(option);
  }
  return command;
}

/**
 * Those that were given, as metadata for the verbs to check.
 * @param emptyRemoves whether an empty value stands for null: take the field away
 * @throws SekishoError invalid_input for a file that cannot be read
 */
export async function readMetadata(
  options: Readonly<Record<string, unknown>>,
  { emptyRemoves }: { readonly emptyRemoves: boolean },
): Promise<Record<string, unknown>> {
  const metadata: Record<string, unknown> = {};
  for (const [flags, field, takes] of METADATA_OPTIONS) {
    const given = options[new Option(flags).attributeName()];
    if (given === undefined) continue;
    const empty = Array.isArray(given) ? given.join('') === '' : given === '';
    metadata[field] = empty && emptyRemoves ? null : await metadataValue(given, takes);
  }
  return metadata;
}

async function metadataValue(given: unknown, takes: Takes): Promise<unknown> {
  if (takes === 'JSON file') return readJsonFile(String(given));
  return takes === 'number' && /^\d+$/.test(String(given)) ? Number(given) : given;
}
