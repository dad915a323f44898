import { type ErrorDescription, Interface, isCallException } from "ethers";
import { figure } from "../../keeper/protocols/onChain.ts";
import { skipReasonName } from "../../keeper/protocols/words.ts";
import { deploymentArtifacts } from "../deploy/artifacts.ts";

/** What each error of the contract means to the person who wrote the proposal. `$0` is its first argument. */
const WORDS: Record<string, string> = {
  BadLimits: "$0 may not be $1: the nearest value allowed is $2",
  BadValues: "the market cannot take these values ($0): given $1, nearest allowed $2",
  BadUntil: "market $0: an override until $1 is refused, it must end between $2 and $3",
  NoMarketApplied: "every market was refused, market $0 for $1",
  UnknownMarket: "market $0 was never listed, or is delisted",
  UnknownClass: "class $0 is not defined",
  MarketExists: "$0 against $1 is market $2 already",
  NotAContract: "$0 is no contract on this chain",
  NotAllowed: "$0 has no power to do this",
  NotPassed: "token $0 has not passed a probe: ListingGate.startProbe, and 25 h later finishProbe",
  PassLapsed: "the probe of token $0 is too old ($2): probe it again",
  BadFeed: "feed $0: $1 is $2, allowed $3",
  ZeroAddress: "$0 may not be the zero address",
  OwnableUnauthorizedAccount: "$0 is not governance, the owner",
  TimelockUnauthorizedCaller: "only the timelock itself may do this, not $0",
  TimelockUnexpectedOperationState: "the operation $0 is in another state: scheduled twice, not ready, or done",
  TimelockInsufficientDelay: "a delay of $0 s is below the timelock's $1 s",
};

let known: Interface | null = null;

function errors(): Interface {
  const all = Object.values(deploymentArtifacts()).flatMap(({ abi }) => abi as { type: string }[]);
  known ??= new Interface(all.filter(({ type }) => type === "error"));
  return known;
}

/** Returns why a call was refused, in words; `null` when the failure was not the contract's. */
export function refusalInWords(failure: unknown): string | null {
  if (!isCallException(failure)) return null;
  const { data } = failure;
  if (data === null || data === "0x") return failure.reason ?? "refused without a reason";
  const found = errors().parseError(data);
  if (found !== null) return inWords(found);
  return failure.reason ?? `refused with unknown data ${data}`;
}

function inWords({ name, args }: ErrorDescription): string {
  const shown = [...args].map((value, index) => argument(name, index, value, [...args]));
  const words = WORDS[name];
  const written = words?.replace(/\$(\d)/g, (_, index: string) => shown[Number(index)] ?? "?");
  return `${written === undefined ? "" : `${written} `}[${name}(${shown.join(", ")})]`;
}

/** Enums by name, and the three numbers of a refusal one by one. */
function argument(error: string, index: number, value: unknown, args: readonly unknown[]): string {
  const reason = error === "BadValues" ? 0 : error === "NoMarketApplied" ? 1 : -1;
  if (index === reason) return skipReasonName(Number(value));
  if (error === "BadValues") return figure(skipReasonName(Number(args[0])), Number(value));
  return String(value);
}
