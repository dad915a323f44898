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
} from "../../domain/calendar.ts";
export { LANES } from "../../domain/contract.ts";
