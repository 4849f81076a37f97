/** The built plugin, and projects with layers to bundle. */
import { join } from "node:path";
import type vite from "leibniz/vite";
import type rollup from "leibniz/rollup";
import type rolldown from "leibniz/rolldown";
import type esbuild from "leibniz/esbuild";
import type webpack from "leibniz/webpack";

interface Makers {
  readonly vite: typeof vite;
  readonly rollup: typeof rollup;
  readonly rolldown: typeof rolldown;
  readonly esbuild: typeof esbuild;
  readonly webpack: typeof webpack;
}

export async function pluginFor<B extends keyof Makers>(bundler: B): Promise<Makers[B]> {
  const file = join(import.meta.dirname, `../../dist/${bundler}.js`);
  return ((await import(/* @vite-ignore */ file)) as { readonly default: Makers[B] }).default;
}

/** `y = s x`, with a variant. */
export const scaleBy = (s: number): string => `param s = ${s}
input  x[N]
output y[N]
y[i] = s * x[i]
variant halve: s = 0.5
`;
export const square = `input  x[N]
output z[N]
z[i] = x[i]^2
`;
/** Reads what is declared nowhere. */
export const broken = `param s = 2
input  x[N]
output y[N]
y[i] = s * w[i]
`;
/** dx is 2 x dz. */
export const refuted = `${square}claim dx[i] = x[i] * dz[i]
`;
