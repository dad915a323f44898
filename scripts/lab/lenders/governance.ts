import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Abi, encodeFunctionData, type Hex, zeroAddress, zeroHash } from "viem";
import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { ReplicaAccounts } from "../replica/accounts.ts";
import type { ReplicaClient } from "../replica/node.ts";
import { createContract } from "./create.ts";
import { createSafe } from "./safe.ts";

/** A call that a lender's governance makes. */
export type Call = { readonly to: Hex; readonly data: Hex };

/** Who governs the lenders, and how it acts. */
export type Governance = {
  readonly address: Hex;
  readonly how: string;
  /** Makes the calls in order, in one transaction where governance can. */
  act(calls: readonly Call[]): Promise<void>;
};

const DELAY_SECONDS = 2 * DAY_SECONDS;

/** OpenZeppelin's timelock with two days of delay, whose proposer and executor is a Safe that two of three owners sign for. */
export async function safeGovernance(client: ReplicaClient, accounts: ReplicaAccounts): Promise<Governance> {
  const from = accounts.deployer.address;
  const safe = await createSafe(client, from, [accounts.governance, accounts.guardian, accounts.trader]);
  const timelock = timelockArtifact();
  const { abi } = timelock;
  const args = [BigInt(DELAY_SECONDS), [safe.address], [safe.address], zeroAddress];
  const address = await createContract(client, from, timelock, args);
  let salts = 0n;
  return {
    address,
    how: "Safe 1.5.0, two of three, through OpenZeppelin's timelock with two days of delay",
    async act(calls) {
      salts += 1n;
      const salt: Hex = `0x${salts.toString(16).padStart(64, "0")}`;
      const batch = [calls.map(({ to }) => to), calls.map(() => 0n), calls.map(({ data }) => data), zeroHash, salt];
      const schedule = encodeFunctionData({
        abi,
        functionName: "scheduleBatch",
        args: [...batch, BigInt(DELAY_SECONDS)],
      });
      await safe.execute({ to: address, data: schedule });
      const { timestamp } = await client.getBlock();
      await client.setNextBlockTimestamp({ timestamp: timestamp + BigInt(DELAY_SECONDS) });
      await client.mine({ blocks: 1 });
      await safe.execute({ to: address, data: encodeFunctionData({ abi, functionName: "executeBatch", args: batch }) });
    },
  };
}

/** The timelock as OpenZeppelin compiled it. */
function timelockArtifact(): { readonly abi: Abi; readonly bytecode: Hex } {
  const path = "@openzeppelin/contracts/build/contracts/TimelockController.json";
  return JSON.parse(readFileSync(createRequire(import.meta.url).resolve(path), "utf8"));
}
