import type {
  ContractLimits,
  Entry,
  Hex,
  ListingValues,
  MarketMode,
  Power,
  SkipReason,
} from "../../../keeper/domain/contract.ts";

type Named<Name extends string, Args> = { readonly name: Name } & Readonly<Args>;

/** What the contract says, without the time of its block. Times in Unix seconds. */
export type ContractEventBody =
  | Named<"MarketListed", { marketId: number; collateral: Hex; debt: Hex; asOf: number } & ListingValues>
  | Named<"MarketDelisted", { marketId: number }>
  | Named<
      "MarketChanged",
      {
        marketId: number;
        classId: number;
        lowestLimit: number;
        highestLimit: number;
        probe: Hex;
        generation: number;
      }
    >
  | Named<"ClassChanged", { classId: number; limits: ContractLimits }>
  | Named<"ClassHeld", { classId: number; until: number }>
  | Named<"AccountChanged", { account: Hex; power: Power; aggregateBps: number; tripBps: number }>
  | Named<"WriterHalted", { account: Hex; until: number }>
  | Named<"WriterTripped", { account: Hex; sequence: number; askedBps: number; allowedBps: number }>
  | Named<
      "BatchApplied",
      {
        sequence: number;
        deadline: number;
        modelVersion: number;
        writer: Hex;
        evidence: Hex;
        entries: readonly Entry[];
      }
    >
  | Named<
      "MarketSkipped" | "LooseningSkipped",
      { marketId: number; reason: SkipReason; given: number; allowed: number }
    >
  | Named<
      "MarketOverridden",
      { marketId: number; initialBps: number; maintenanceTargetBps: number; limit: number; until: number }
    >
  | Named<"ModeChanged", { marketId: number; mode: MarketMode; by: Hex; until: number }>
  | Named<"OwnershipTransferStarted" | "OwnershipTransferred", { previousOwner: Hex; newOwner: Hex }>;

/** One event and the time of its block. */
export type ContractEvent = ContractEventBody & { readonly time: number };
