/** Every kill switch, by its name in logs, metrics and journal. All but the last belong to this machine and stop all sending. */
export const KILL_SWITCHES = {
  environment: "TONSOR_PAUSED is set",
  sentinel: "a file PAUSED in the state folder: `tonsor pause`, the admin call, or by hand",
  submissionHalt: "a file HALTED in the state folder: the keeper stopped itself and waits for a person",
  errors: "too many of the last ticks failed; clears itself when they succeed again",
  onChain:
    "a market closed on chain by governance, guardian or challenge, or a writer that has tripped: nothing loosens",
} as const;
export type KillSwitchName = keyof typeof KILL_SWITCHES;

/** A switch that is set, and why. */
export type KillSwitch = { readonly name: KillSwitchName; readonly reason: string };

/** A kill switch that was set or cleared; `reason` is null when it was cleared. */
export type SwitchChange = { readonly at: number; readonly name: string; readonly reason: string | null };
