import assert from "node:assert/strict";
import type { Contract, ContractTransactionResponse, InterfaceAbi, Signer } from "ethers";
import { network } from "hardhat";
import { type Compiled, linked } from "../../../scripts/lab/lenders/compileForeign.ts";
import { compiled } from "../../support/compiled.ts";
import { contractHaircuts } from "./contractHaircuts.ts";

const START = 1_770_000_000;
export type Mode = 0 | 1 | 2;

/** Where adapters read: values that a test sets at will, or the real parameter contract with all its limits. */
export type Source = "settable" | "contract";

/** A Hardhat network inside this process with haircuts, and a clock that only the test moves. */
export async function adapterChain(source: Source = "settable") {
  await compiled();
  const { ethers, provider } = await network.create({
    network: "hardhat",
    override: { initialDate: new Date(START * 1000) },
  });
  const signers = await ethers.getSigners();
  const owner = signers[0];
  if (!owner) throw new Error("the network has no accounts");
  const real = source === "contract" ? await contractHaircuts(ethers, owner) : null;
  const haircuts = real?.haircuts ?? ((await ethers.deployContract("MockHaircuts")) as unknown as Contract);

  return {
    owner,
    signers,
    haircuts,
    ethers,
    /** Deploys a contract of this repository. */
    own: async (name: string, ...args: unknown[]): Promise<Contract> =>
      (await ethers.deployContract(name, args)) as unknown as Contract,
    /** Deploys a contract of another project. */
    foreign: async (compiled: Compiled, args: unknown[] = [], libraries: Record<string, string> = {}) => {
      const factory = new ethers.ContractFactory(compiled.abi as InterfaceAbi, linked(compiled, libraries), owner);
      return (await (await factory.deploy(...args)).waitForDeployment()) as unknown as Contract;
    },
    at: (compiled: Pick<Compiled, "abi">, address: string, signer: Signer = owner): Contract =>
      new ethers.Contract(address, compiled.abi as InterfaceAbi, signer) as unknown as Contract,
    /** A contract as an account sees it that has plenty of these tokens and lets the contract take them. */
    user: async (index: number, contract: Contract, tokens: readonly Contract[]): Promise<Contract> => {
      const signer = signers[index];
      if (!signer) throw new Error(`no account ${index}`);
      for (const token of tokens) {
        await send(token, "mint", signer.address, 10n ** 30n);
        await send(token.connect(signer) as Contract, "approve", await contract.getAddress(), 2n ** 256n - 1n);
      }
      return contract.connect(signer) as Contract;
    },
    /** Sets the haircuts of a pair, observed at the last block. */
    set: async (collateral: string, debt: string, initialBps: number, maintenanceBps: number, mode: Mode = 0) => {
      if (real !== null) return real.set(collateral, debt, initialBps, maintenanceBps, mode);
      const asOf = (await ethers.provider.getBlock("latest"))?.timestamp ?? START;
      await send(haircuts, "set", collateral, debt, { initialBps, maintenanceBps, asOf, mode });
    },
    pass: async (seconds: number): Promise<void> => {
      await provider.request({ method: "evm_increaseTime", params: [seconds] });
      await provider.request({ method: "evm_mine" });
    },
    /** Runs the calls in one block, in order, and asserts that each succeeded. */
    inOneBlock: async (...calls: (() => Promise<ContractTransactionResponse>)[]): Promise<void> => {
      await provider.request({ method: "evm_setAutomine", params: [false] });
      const sent: ContractTransactionResponse[] = [];
      for (const call of calls) sent.push(await call());
      await provider.request({ method: "evm_mine" });
      await provider.request({ method: "evm_setAutomine", params: [true] });
      const receipts = await Promise.all(sent.map((transaction) => transaction.wait()));
      assert.equal(new Set(receipts.map((receipt) => receipt?.blockNumber)).size, 1, "the calls share a block");
    },
  };
}

/** Sends a call and waits for it. */
export async function send(contract: Contract, name: string, ...args: unknown[]): Promise<void> {
  await (await (contract.getFunction(name)(...args) as Promise<ContractTransactionResponse>)).wait();
}

/** Reads a value. */
export function read<Value = bigint>(contract: Contract, name: string, ...args: unknown[]): Promise<Value> {
  return contract.getFunction(name).staticCall(...args) as Promise<Value>;
}

/** The account that a contract sends as. */
export async function addressOf(contract: Contract): Promise<string> {
  const runner = contract.runner as { getAddress?: () => Promise<string> } | null;
  if (runner?.getAddress === undefined) throw new Error("the contract has no signer");
  return runner.getAddress();
}
