/** What can be generated and checked. */
export const targets = ["ts", "wasm", "wgsl", "torch"] as const;
export type TargetName = (typeof targets)[number];
