import type { CommandSpec } from "../../../keeper/cli/command.ts";
import type { AssessInput } from "../../../keeper/domain/decision.ts";
import type { AskHidden } from "../../../keeper/runtime/signingKey.ts";

/** What the analyst's commands need of a keeper: only those that want a market's present inputs ask for it. */
export type LabServices = {
  /** Configured markets, in the order of the configuration. */
  marketNames(): readonly string[];
  /** What a cycle would decide from now; sends nothing and writes nothing. An unknown name is UNKNOWN_MARKET. */
  inputsOf(market: string): Promise<AssessInput>;
};

/** A command of `npm run lab`. */
export type LabCommand = CommandSpec<LabServices>;

/** The services on the configured keeper, opened on first use. */
export async function openLabServices(
  variables: NodeJS.ProcessEnv,
  signal: AbortSignal,
  askHidden: AskHidden,
): Promise<LabServices & { readonly secrets: readonly string[]; close(): Promise<void> }> {
  const { assessMarket, createContext } = await import("../../../keeper/operations/context.ts");
  const context = createContext(variables, askHidden);
  return {
    secrets: context.secrets,
    marketNames: () => context.markets().names,
    inputsOf: async (name) => (await assessMarket(context, name, signal)).entry.input,
    close: async () => context.close(),
  };
}
