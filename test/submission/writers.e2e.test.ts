import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { encodeFunctionData, type Hex, hashTypedData, parseAbi, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { CosignSettings } from "../../keeper/cosign/cosigning.ts";
import {
  type QuorumPlace,
  quorumTypedData,
  readQuorum,
  signedValues,
  signShare,
} from "../../keeper/cosign/signedBatch.ts";
import { deliverSigned, type QuorumRoute } from "../../keeper/cosign/signedDelivery.ts";
import { startCosignServer } from "../../keeper/cosign/wire.ts";
import type { Batch } from "../../keeper/domain/contract.ts";
import type { BatchPlan, ChainView } from "../../keeper/domain/cycle.ts";
import type { Assessment, OnChainMarket } from "../../keeper/domain/decision.ts";
import { readEvidence } from "../../keeper/evidence/bundle.ts";
import { type Reasoning, verifyBundle } from "../../keeper/evidence/verify.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { openKeeper } from "../../keeper/keeper.ts";
import { fitBatch } from "../../keeper/policy/loosening.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { readSequence } from "../../keeper/protocols/collateralParameters.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { decodeEntries } from "../../keeper/protocols/words.ts";
import { KEEPER_DEFAULTS, parseConfigFile } from "../../keeper/runtime/configFile.ts";
import { deliverByHotKey, submitPlan } from "../../keeper/submission/submit.ts";
import { observed, parameters, assess as sampleAssess, sampleBundle } from "../evidence/sampleBundle.ts";
import { CHAIN_ID, type ContractWorld, call, contractWorld, pass } from "../protocols/contractWorld.ts";
import { marketsAt } from "../support/marketsAt.ts";
import { accountSetting, createOwn, creator } from "../support/parameters.ts";
import { SHIPPED } from "../support/shipped.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { contextFor, journalFor } from "./submissionWorld.ts";

const SIGNERS = [1, 2, 3].map((secret) => privateKeyToAccount(toHex(secret, { size: 32 })));
type Signer = (typeof SIGNERS)[number];
const SECRET = "a secret of more than thirty-two characters";
const CLOCK = 1_770_000_000;
const DIGEST_ABI = parseAbi(["function digestOf(address, uint256, bytes32, bytes) view returns (bytes32)"]);

let world: ContractWorld;
let place: QuorumPlace;
before(async () => {
  world = await contractWorld();
  const { node, accounts, contract } = world;
  const create = creator(node, accounts.deployer.address);
  const addresses = SIGNERS.map(({ address }) => address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const gateway = await createOwn(create, "contracts/gateways/SignerQuorum", [2n, addresses]);
  place = { chainId: CHAIN_ID, gateway, parameters: contract };
  const args = [accountSetting(gateway, "QUORUM", 200, 400)] as const;
  await call(world, accounts.governance.address, encodeFunctionData({ abi, functionName: "admit", args }));
});
after(() => world.anvil.close());

/** The stand-in of the samples, which tightens by as much each time. */
const assess: Reasoning["assess"] = (input) => {
  const { storedInitialBps, maintenanceTargetBps } = input.onChain;
  const { decision, ...rest } = sampleAssess(input);
  const values = { initialBps: storedInitialBps + 60, maintenanceTargetBps: maintenanceTargetBps + 20 };
  return { ...rest, decision: { ...decision, ...values } };
};

/** A route of an instance that signs itself, and asks these peers. */
const routeOf = (fallback: "hot" | "hold", peers: readonly string[] = []): QuorumRoute => ({
  ...{ place, fallback, peers, secret: SECRET, timeoutMs: 5_000 },
  cosigner: {
    ownShare: async (batch: Batch) => ({ share: await shareOf(0, batch) }),
  } as unknown as QuorumRoute["cosigner"],
  events: { note: () => {}, listen: () => {} },
  quorum: () => readQuorum(world.client, place.gateway),
  wallClock: () => CLOCK,
  sleep: async () => {},
});
const shareOf = (signer: number, batch: Batch) => signShare(place, signedValues(batch), SIGNERS[signer] as Signer);

/** One cycle's plan for market 1, by the gateway's number and budgets, submitted over a route. */
async function submitted(route: QuorumRoute) {
  await pass(world, 900);
  const { client, contract, accounts } = world;
  const view = await marketsAt(client, contract, [1], place.gateway);
  const [onChain] = view.markets as readonly [OnChainMarket];
  const [sample] = sampleBundle().markets;
  assert.ok(sample);
  const now = view.blockTime;
  const input = { now, market: parameters, observed, history: sample.history, onChain };
  const assessment: Assessment = assess(input);
  const { decisions, entries } = fitBatch([{ onChain, decision: assessment.decision }]);
  const chain: ChainView = { ...view, contract, markets: new Map([["WETH", onChain]]) };
  const plan: BatchPlan = {
    ...{ sequence: BigInt(view.writer.sequence) + 1n, modelVersion: 1, now, chain, contractEntries: entries },
    entries: [{ input, assessment: { ...assessment, decision: decisions[0] as Assessment["decision"] } }],
  };
  const journal = journalFor(contract);
  const evidence = evidenceFolder(temporaryFolder());
  const from = accounts.keeper.address;
  const tick = journal.recordTick({ now, blockNumber: null, markets: [] });
  const parts = {
    evidence,
    gate: async () => ({ plan, held: [], report: async () => {} }),
    deliver: deliverSigned(route, { client, from, hotKey: deliverByHotKey(client, contract, from) }),
    stopped: () => null,
  };
  const context = { ...contextFor(journal, world.anvil.url, accounts.keeper.privateKey), now: () => now };
  return { plan, journal, evidence, result: await submitPlan(plan, tick, parts, context) };
}

const numberOf = (account: Hex) => readSequence(world.client, world.contract, account);

test("with enough signatures a batch goes through the gateway, by the gateway's number and the evidence of it", async () => {
  const peer = await startCosignServer(
    { host: "127.0.0.1", port: 0, secret: SECRET, now: () => CLOCK },
    async (body) => {
      const { sequence, deadline, modelVersion, evidence, entries } = body as Record<string, string> & {
        readonly evidence: Hex;
        readonly entries: Hex;
      };
      const fields = {
        sequence: BigInt(sequence ?? ""),
        deadline: Number(deadline),
        modelVersion: Number(modelVersion),
      };
      return { share: await shareOf(1, { ...fields, evidence, entries: decodeEntries(entries) }) };
    },
  );
  const { plan, result, evidence } = await submitted(routeOf("hot", [peer.url])).finally(() => peer.close());
  assert.deepEqual([result.status, result.sequence, result.applied], ["CONFIRMED", plan.sequence, ["WETH"]]);
  const [batch] = await readBatches(world.client, world.contract, { transactionHash: result.hash as Hex });
  assert.ok(batch);
  assert.deepEqual([batch.writer, batch.sequence], [place.gateway, plan.sequence]);
  assert.equal(await numberOf(world.accounts.keeper.address), 0n);
  const stored = await readEvidence(evidence, batch.evidence);
  assert.equal(verifyBundle(stored, batch.evidence, batch, { assess, fitBatch, modelVersion: 1 }).ok, true);
});

test("with too few the hot key sends the same batch by its own next number, and that is what is reported and verified", async () => {
  for (const own of [1n, 2n, 3n]) {
    const { plan, result, evidence, journal } = await submitted(routeOf("hot"));
    assert.equal(plan.sequence, 2n, "the gateway has sent one");
    assert.deepEqual([result.status, result.sequence], ["CONFIRMED", own], result.detail);
    assert.match(result.detail, /^by the hot key: 1 of 2 signatures/);
    assert.equal(journal.intent(result.intent ?? 0).batch.sequence, own);
    const [batch] = await readBatches(world.client, world.contract, { transactionHash: result.hash as Hex });
    assert.ok(batch);
    assert.deepEqual([batch.writer, batch.sequence], [world.accounts.keeper.address, own]);
    const verified = verifyBundle(await readEvidence(evidence, batch.evidence), batch.evidence, batch, {
      assess,
      fitBatch,
      modelVersion: 1,
    });
    assert.equal(verified.ok, true);
  }
});

test("where that is to be held back nothing is sent, and no number is used", async () => {
  const before = [await numberOf(place.gateway), await numberOf(world.accounts.keeper.address)];
  const { result } = await submitted(routeOf("hold"));
  assert.deepEqual([result.status, result.hash], ["NOT_SENT", null]);
  assert.match(result.detail, /^held by the signer quorum: 1 of 2 signatures/);
  assert.deepEqual([await numberOf(place.gateway), await numberOf(world.accounts.keeper.address)], before);
});

test("a keeper with peers plans as the gateway; one without, which sends alone, as its own key", async () => {
  const { contract, anvil, accounts } = world;
  const { privateKey, address } = accounts.keeper;
  const deployment = {
    ...{
      chainId: CHAIN_ID,
      contract: { address: contract },
      accounts: [],
      sources: { tokens: {}, pools: {}, feeds: {} },
    },
    ...{ gateways: { quorum: { address: place.gateway } }, markets: [{ name: "WETH", id: 1 }] },
  } as unknown as Deployment;
  const { secretFile: _, ...settings } = parseConfigFile("", {}).settings.cosign;
  const writer = async (cosign: CosignSettings | null) => {
    const parts = {
      ...KEEPER_DEFAULTS,
      nodes: anvil.url,
      chainId: CHAIN_ID,
      deployment,
      marketFiles: SHIPPED,
      state: temporaryFolder(),
      account: privateKeyToAccount(privateKey),
      now: () => CLOCK,
    };
    const keeper = openKeeper({ ...parts, cosign });
    try {
      return (await keeper.readChain()).writer;
    } finally {
      keeper.close();
    }
  };
  const alone = { ...settings, secret: SECRET, peers: [] };
  const [none, lone, one] = [
    await writer(null),
    await writer(alone),
    await writer({ ...alone, peers: ["http://127.0.0.1:9"] }),
  ];
  assert.deepEqual([none.account, none.power], [address, "HOT"]);
  assert.deepEqual(lone, none);
  assert.deepEqual([one.account, one.power, one.aggregateBps], [place.gateway, "QUORUM", 200]);
});

test("what is signed here is what the gateway on chain says is to be signed", async () => {
  const { plan } = await submitted(routeOf("hold"));
  const batch = {
    sequence: 9n,
    deadline: plan.now,
    modelVersion: 1,
    evidence: toHex(7, { size: 32 }),
    entries: plan.contractEntries,
  };
  const values = signedValues(batch);
  const digest = await world.client.readContract({
    address: place.gateway,
    abi: DIGEST_ABI,
    functionName: "digestOf",
    args: [place.parameters, values.head, values.evidence, values.entries],
  });
  assert.equal(hashTypedData(quorumTypedData(place, values)), digest);
});
