import { cosignSettings } from "../cosign/cosigning.ts";
import { type Rejected, startCosignServer } from "../cosign/wire.ts";
import { startDashboard } from "../dashboard/server.ts";
import type { KeeperHealth, KeeperIdentity } from "../keeper.ts";
import { startAdminServer } from "../runtime/adminServer.ts";
import type { Clean } from "../runtime/clean.ts";
import { wallClock } from "../runtime/clock.ts";
import type { Config } from "../runtime/config.ts";
import type { Logger } from "../runtime/logger.ts";
import { HELLO, helloOf } from "./cosignHello.ts";
import { pauseKeeper, resumeKeeper } from "./pausing.ts";

type Served = Pick<KeeperIdentity, "signer" | "now"> & Pick<KeeperHealth, "cosigning">;

type Settings = Config & {
  /** Applied to every answer. */
  readonly clean: Clean;
};

/** What every server is given. */
type Common = { readonly clean: Clean; onFailed(error: unknown): void };

/** Opens what listens beside a loop: the status page, the one for everyone, the admin calls, the co-signing server. */
export async function openServers(
  keeper: Served,
  config: Settings,
  log: Logger,
  data: Parameters<typeof startDashboard>[0]["data"],
) {
  const { statusPort: port, statusHost: host, publicPort, publicHost, clean } = config;
  const common = { clean, onFailed: (error: unknown) => log.error({ error }, "an answer could not be made") };
  const open = { ...common, port: publicPort ?? 0, host: publicHost, data, isPublic: true };
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => void (await Promise.all(opened.map((server) => server.close())));
  const keep = <Server extends { close(): Promise<void> } | null>(server: Server): Server => {
    if (server !== null) opened.push(server);
    return server;
  };
  try {
    const page = keep(await startDashboard({ ...common, port, host, data }));
    const shown = keep(publicPort === null ? null : await startDashboard(open));
    const admin = keep(await openAdmin(keeper, config, log, common));
    const cosigner = keep(await openCosigner(keeper, config, log, common));
    const urls = { page: page.url, public: shown?.url ?? null, admin: admin?.url ?? null };
    return { urls: { ...urls, cosign: cosigner?.url ?? null }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The admin calls, when there is a token for them. */
async function openAdmin({ now }: Pick<Served, "now">, config: Settings, log: Logger, common: Common) {
  if (config.adminToken === null) return null;
  return startAdminServer(
    { ...common, port: config.adminPort, token: config.adminToken },
    {
      pause(request) {
        log.warn(request, "admin call: pause");
        return pauseKeeper(config, request, now());
      },
      resume() {
        log.warn("admin call: resume");
        return resumeKeeper(config, now());
      },
    },
  );
}

/** Where other keeper instances ask for signatures, when co-signing is on. */
async function openCosigner({ cosigning, signer }: Served, config: Settings, log: Logger, common: Common) {
  const settings = cosignSettings(config.cosign);
  if (settings === null || cosigning === null || signer === null) return null;
  const { host, port, secret } = settings;
  const { cosigner, events, place } = cosigning;
  const paths = { [HELLO]: async () => helloOf({ place }, signer, wallClock()) };
  const onRejected = (reason: Rejected) => {
    log.warn({ reason }, "a co-signing request was refused unread");
    events.note({ kind: "rejected", reason });
  };
  const answered = async (body: unknown) => {
    const answer = await cosigner.answer(body);
    if ("share" in answer) log.info({ proposal: body }, "signed another keeper instance's batch");
    else log.warn({ proposal: body, refused: answer.refused }, "did not sign another keeper instance's batch");
    events.note({ kind: "asked", answer: "share" in answer ? "SIGNED" : answer.refused.code });
    return answer;
  };
  return startCosignServer({ ...common, host, port, secret, now: wallClock }, answered, { paths, onRejected });
}
