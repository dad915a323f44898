import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { test } from "node:test";
import { startProgram } from "../support/child.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** The container's health check of the page at `port`: its exit code. */
const healthOf = async (port: number, more: NodeJS.ProcessEnv = {}) => {
  const variables = { PATH: process.env["PATH"], STATUS_PORT: String(port), ...more };
  return (await startProgram("deployments/service/health.mjs", ["5"], variables, temporaryFolder()).ended).code;
};

test("a health check follows what the keeper says of itself; a closed port is no fault of a worker of a fleet", async () => {
  let status = 200;
  const page = createServer((_, response) => void response.writeHead(status).end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => page.once("listening", resolve));
  const { port } = page.address() as AddressInfo;
  const worker = { FLEET_CHAINS: "1" };
  assert.deepEqual([await healthOf(port), await healthOf(port, worker)], [0, 0]);
  status = 503;
  assert.deepEqual([await healthOf(port), await healthOf(port, worker)], [1, 1]);
  await new Promise((resolve) => page.close(resolve));
  assert.deepEqual(
    [await healthOf(port), await healthOf(port, worker), await healthOf(port, { FLEET_CHAINS: "" })],
    [1, 0, 1],
  );
  const cutting = createTcpServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await new Promise((resolve) => cutting.once("listening", resolve));
  assert.equal(
    await healthOf((cutting.address() as AddressInfo).port, worker),
    1,
    "what takes it and cuts is no closed port",
  );
  cutting.close();
});
