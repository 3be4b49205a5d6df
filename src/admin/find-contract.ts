/** Looks contracts up. */
import type { Contract } from '../contracts/contract.ts';
import type { PolicyInput } from '../contracts/policy.ts';
import type { Stores } from '../database/stores.ts';
import { SekishoError } from '../errors.ts';
import type { AdminContext } from './context.ts';

/** A contract, and what its policy sets apart from the defaults. */
export interface ContractDetails {
  readonly contract: Contract;
  readonly policyInput: PolicyInput;
}

/** All contracts in the order of their ids. */
export function listContracts({ uow }: AdminContext): Promise<Contract[]> {
  return uow.read(({ contracts }) => contracts.list());
}

/** @throws SekishoError not_found */
export function showContract({ uow }: AdminContext, id: string): Promise<ContractDetails> {
  return uow.read((stores) => contractDetails(stores, id));
}

/** Inside a unit of work. @throws SekishoError not_found */
export async function contractDetails(stores: Stores, id: string): Promise<ContractDetails> {
  const contract = await findContract(stores, id);
  return { contract, policyInput: (await stores.contracts.findPolicyInput(id)) ?? {} };
}

/** Inside a unit of work. @throws SekishoError not_found */
export async function findContract({ contracts }: Stores, id: string): Promise<Contract> {
  const contract = await contracts.find(id);
  if (!contract) throw new SekishoError('not_found', `there is no contract "${id}"`);
  return contract;
}
