/** Creates a contract. */
import { z } from 'zod';
import { policySchema } from '../contracts/policy.ts';
import { SekishoError } from '../errors.ts';
import { type AdminContext, record } from './context.ts';
import { type ContractDetails, contractDetails } from './find-contract.ts';
import { checkInput, nameSchema } from './input.ts';

const inputSchema = z.strictObject({
  id: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,62}$/,
      'must have 1 to 63 characters of a-z, 0-9 and "-", and not begin with "-"',
    ),
  name: nameSchema,
});

export interface NewContract {
  /** `[a-z0-9][a-z0-9-]{0,62}`: part of the program's addresses and tables, never changed. */
  readonly id: string;
  readonly name: string;
  /** What the contract sets itself (contracts/policy.ts); nothing: all defaults. */
  readonly policy?: unknown;
}

/** @throws SekishoError invalid_input naming every fault, already_exists */
export async function createContract(
  context: AdminContext,
  { id, name, policy = {} }: NewContract,
): Promise<ContractDetails> {
  const input = checkInput(inputSchema, { id, name }, 'contract');
  checkInput(policySchema, policy, 'policy');
  return context.uow.write(async (stores) => {
    const added = await stores.contracts.add({ ...input, policy: policy as object, at: context.clock.now() });
    if (!added) throw new SekishoError('already_exists', `there is a contract "${id}" already`);
    await record(stores, context, {
      action: 'contract.create',
      contractId: id,
      subject: id,
      details: { name: input.name, policy: Object.keys(policy as object) },
    });
    return contractDetails(stores, id);
  });
}
