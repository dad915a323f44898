export {
  DAY_MINUTES,
  EPOCH,
  hourOf,
  MAX_AGE_MINUTES,
  minuteOf,
  timeOf,
  WINDOW_MINUTES,
  WINDOWS_TOUCHED,
  windowOf,
} from "../../../keeper/domain/calendar.ts";
export { LANES } from "../../../keeper/domain/contract.ts";
