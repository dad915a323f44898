/** The crash of early February 2026 that the recorded and the generated data hold, Unix seconds. */
export const CRASH_FROM = Date.UTC(2026, 0, 28) / 1000;
export const CRASH_TO = Date.UTC(2026, 1, 16) / 1000;
