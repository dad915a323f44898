type World = { readonly provider: { request(call: { method: string; params?: unknown[] }): Promise<unknown> } };

/**
 * A function that returns the same world each time as it was when it was made: opened once, then set back, blocks, storage
 * and time. Making one takes seconds, setting it back milliseconds.
 */
export function restored<Type extends World>(open: () => Promise<Type>): () => Promise<Type> {
  let made: { readonly world: Type; snapshot: unknown } | null = null;
  return async () => {
    if (made === null) {
      const world = await open();
      made = { world, snapshot: null };
    } else if ((await made.world.provider.request({ method: "evm_revert", params: [made.snapshot] })) !== true) {
      throw new Error("the network does not know the snapshot of the world");
    }
    // A snapshot serves once.
    made.snapshot = await made.world.provider.request({ method: "evm_snapshot" });
    return made.world;
  };
}
