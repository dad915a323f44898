/** How long a call may take, milliseconds. */
const TIMEOUT_MS = 5_000;

/**
 * Posts `body` as JSON; true when it was taken (any 2xx). Never throws for what the other side does, follows no redirect
 * and reads no answer.
 */
export function postJson(url: string, body: unknown): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  return delivered(url, { method: "POST", headers, body: JSON.stringify(body) });
}

/** Fetches an address only to be heard there; true when it answered 2xx. */
export function ping(url: string): Promise<boolean> {
  return delivered(url, { method: "GET" });
}

async function delivered(url: string, init: RequestInit): Promise<boolean> {
  try {
    const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
