import { type Served, type ServerOptions, startServer } from "../io/server.ts";
import { pageRoutes } from "./pageRoutes.ts";
import { publicData } from "./publicData.ts";
import type { DashboardData } from "./status.ts";

type DashboardOptions = Pick<ServerOptions, "host" | "port" | "clean" | "isPublic" | "onFailed"> & {
  readonly data: DashboardData;
};

/**
 * Serves the status page and its JSON, read-only: no state, no path that writes. `isPublic`: for everyone, only what
 * `publicData` leaves. A port in use rejects with the system's error (EADDRINUSE).
 */
export function startDashboard({ data, isPublic = false, ...options }: DashboardOptions): Promise<Served> {
  const routes = pageRoutes(isPublic ? publicData(data) : data, isPublic);
  return startServer({ ...options, isPublic, routes, told: { title: "Tonsor" } });
}
