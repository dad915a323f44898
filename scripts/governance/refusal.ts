import { type ErrorDescription, Interface, isCallException } from "ethers";
import { MODES, SKIP_REASONS } from "../../keeper/domain/contract.ts";
import { deploymentArtifacts } from "../deploy/artifacts.ts";

/** What each error of the contract means to the person who wrote the proposal. `$0` is its first argument. */
const WORDS: Record<string, string> = {
  BadLimits: "$0 may not be $1: the nearest value allowed is $2",
  BadValues: "market $0 cannot take these values ($1): given $2, nearest allowed $3",
  BadUntil: "market $0: an override until $1 is refused, it must end between $2 and $3",
  NotTighter: "$0 may only become tighter: given $1, allowed $2",
  UnknownMarket: "market $0 was never listed",
  UnknownClass: "class $0 is not defined",
  UnknownGroup: "group $0 does not exist: there are $1",
  WrongGroupClass: "group $0 is of class $2, not $1",
  GroupFull: "group $0 holds five markets already",
  MarketExists: "$0 against $1 is market $2 already",
  NotAnAsset: "$0 is no contract on this chain",
  NotAContract: "$0 is no contract on this chain",
  NotPassed: "token $0 has not passed a probe: ListingGate.startProbe, and 25 h later finishProbe",
  PassLapsed: "the probe of token $0 is too old ($2): probe it again",
  ModeNotSafer: "market $0 is $2 already, and only governance may go back",
  BadFeed: "feed $0: $1 is $2, allowed $3",
  ZeroAddress: "$0 may not be the zero address",
  AccessControlUnauthorizedAccount: "$0 does not hold the role $1",
  OwnableUnauthorizedAccount: "$0 does not own the gateway",
  TimelockUnauthorizedCaller: "only the timelock itself may do this, not $0",
  TimelockUnexpectedOperationState: "the operation $0 is in another state: scheduled twice, not ready, or done",
  TimelockInsufficientDelay: "a delay of $0 s is below the timelock's $1 s",
};

let known: Interface | null = null;

function errors(): Interface {
  const { libraries, ...contracts } = deploymentArtifacts();
  const all = [...Object.values(contracts), ...Object.values(libraries)].flatMap(
    ({ abi }) => abi as { type: string }[],
  );
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
  const shown = [...args].map((value, index) => argument(name, index, value));
  const words = WORDS[name];
  const written = words?.replace(/\$(\d)/g, (_, index: string) => shown[Number(index)] ?? "?");
  return `${written === undefined ? "" : `${written} `}[${name}(${shown.join(", ")})]`;
}

/** Enums by name. */
function argument(error: string, index: number, value: unknown): string {
  if (error === "BadValues" && index === 1) return SKIP_REASONS[Number(value)] ?? String(value);
  if (error === "ModeNotSafer" && index > 0) return MODES[Number(value)] ?? String(value);
  return String(value);
}
