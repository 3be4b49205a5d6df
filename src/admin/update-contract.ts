/** Changes a contract's name or what its policy sets. */
import { type PolicyInput, policySchema } from '../contracts/policy.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import { changedMeanwhile, laterThan } from './changed-meanwhile.ts';
import { type AdminContext, record } from './context.ts';
import { type ContractDetails, contractDetails } from './find-contract.ts';
import { checkInput, nameSchema } from './input.ts';

export interface ContractChanges {
  readonly name?: string | undefined;
  /** Replaces everything that the contract set before. */
  readonly policy?: unknown;
}

/** @throws SekishoError invalid_input naming every fault, not_found */
export async function updateContract(
  context: AdminContext,
  id: string,
  changes: ContractChanges,
): Promise<ContractDetails> {
  if (changes.name === undefined && changes.policy === undefined) {
    throw new SekishoError('invalid_input', 'nothing to change: give a name or a policy');
  }
  const name = changes.name === undefined ? undefined : checkInput(nameSchema, changes.name, 'name');
  if (changes.policy !== undefined) checkInput(policySchema, changes.policy, 'policy');
  const policy = changes.policy as PolicyInput | undefined;
  return context.uow.write(async (stores) => {
    const before = await contractDetails(stores, id);
    if (policy !== undefined) await refuseNewComparison(stores, before, policy);
    const after = { name: name ?? before.contract.name, policy: policy ?? before.policyInput };
    const seen = before.contract.updatedAt;
    const at = laterThan(seen, context.clock.now());
    if (!(await stores.contracts.update({ id, ...after, at }, seen)))
      throw changedMeanwhile(`contract "${id}"`);
    await record(stores, context, {
      action: 'contract.update',
      contractId: id,
      subject: id,
      details: { changed: changedSettings(before, after) },
    });
    return contractDetails(stores, id);
  });
}

/** User IDs are stored in the form in which they are compared, so the comparison is settled with the first user. */
async function refuseNewComparison(
  { users }: Stores,
  { contract }: ContractDetails,
  policy: PolicyInput,
): Promise<void> {
  const after = policySchema.parse(policy).user_id.case_sensitive;
  if (after === contract.policy.user_id.case_sensitive) return;
  if ((await users.list(contract.id, '', 1)).length > 0) {
    throw new SekishoError(
      'invalid_input',
      'policy: user_id.case_sensitive: cannot be changed while the contract has users',
    );
  }
}

/** `name`, `policy.lock`, … */
function changedSettings(
  before: ContractDetails,
  after: { name: string; policy: Readonly<Record<string, unknown>> },
): string[] {
  const old: Readonly<Record<string, unknown>> = before.policyInput;
  const keys = [...new Set([...Object.keys(old), ...Object.keys(after.policy)])].sort();
  const changed = keys.filter((key) => JSON.stringify(old[key]) !== JSON.stringify(after.policy[key]));
  return [...(after.name === before.contract.name ? [] : ['name']), ...changed.map((key) => `policy.${key}`)];
}
