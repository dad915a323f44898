import type { LenderReading } from "../domain/lender.ts";
import type { Rpc } from "../io/rpc.ts";
import type { Deployment } from "./deployment.ts";
import { aaveV3Agent } from "./lenders/aaveV3.ts";
import { aaveV4Agent } from "./lenders/aaveV4.ts";
import { type Agent, type AgentReader, faulty } from "./lenders/agent.ts";

/** Reads what every lender with an agent has and would be set to, all at one block; empty where the record names none. */
export type LenderReader = (block: bigint, signal?: AbortSignal) => Promise<readonly LenderReading[]>;

/**
 * Makes a reader of the record's agents. Its calls are of one turn, so that they travel with a cycle's other reads. What a
 * lender answers wrongly, and a node that does not answer, is a reading with a fault; it never throws.
 */
export function lenderReader({
  rpc,
  deployment,
}: {
  readonly rpc: Pick<Rpc, "calls">;
  readonly deployment: Deployment;
}): LenderReader {
  const agents = agentsOf(deployment);
  return async (block, signal) => {
    const all = agents.map(({ agent, read }) =>
      read(rpc, block, signal).catch((error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        return agent.markets.map((market) => faulty(agent, market, { state: "UNREADABLE", detail }));
      }),
    );
    return (await Promise.all(all)).flat();
  };
}

function agentsOf({
  lenders = [],
  markets,
}: Deployment): readonly { readonly agent: Agent; readonly read: AgentReader }[] {
  return lenders.flatMap((lender) => {
    if (lender.kind === "morpho-blue" || lender.agent === null) return [];
    const driven = markets.filter(({ id }) => lender.markets.includes(id));
    const agent = {
      lender: lender.name,
      agent: lender.agent.address,
      markets: driven.map(({ name, collateral }) => ({ market: name, asset: collateral })),
    };
    return [{ agent, read: lender.kind === "aave-v3" ? aaveV3Agent(lender, agent) : aaveV4Agent(lender, agent) }];
  });
}
