/** The libraries measured against; they are installed apart from the project: `npm ci --prefix bench`. */
import { existsSync } from "node:fs";
import type { Arena, Target } from "./arena.js";
import type { Contestant, PeerName } from "./measure.js";
import type { Pass, Workload } from "./workload.js";

export interface Peer {
  readonly name: PeerName;
  readonly version: string;
  /** Rejects where the peer has no such operation. */
  readonly enter: (workload: Workload, pass: Pass, arena: Arena) => Promise<Contestant>;
}

interface PeerModule {
  open(backend: string): Promise<{
    version: string;
    contestant(
      kind: string,
      pass: string,
      ...about: [Arena["dims"], Arena["arrays"], Arena["shapes"]]
    ): Promise<Omit<Contestant, "name">>;
  }>;
}

export const peersOf: Readonly<Record<Target, readonly PeerName[]>> = {
  ts: ["tfjs cpu", "tfjs wasm", "jax-js wasm"],
  wgsl: ["tfjs webgpu", "jax-js webgpu"],
};

export const peersInstalled = (): boolean => existsSync(new URL("node_modules", import.meta.url));

export async function openPeer(name: PeerName): Promise<Peer> {
  const [library, backend] = name.split(" ") as [string, string];
  const file = library === "tfjs" ? "./peers/tfjs.mjs" : "./peers/jax.mjs";
  const module = (await import(String(new URL(file, import.meta.url)))) as PeerModule;
  const opened = await module.open(backend);
  return {
    name,
    version: opened.version,
    async enter({ peer = "" }, pass, { dims, arrays, shapes }) {
      return { name, ...(await opened.contestant(peer, pass.name, dims, arrays, shapes)) };
    },
  };
}
