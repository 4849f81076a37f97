/** The plugin's entries, one a bundler, and their declarations: these name no type of a bundler, which a project may lack. */

const named = "{ name: string }";
/** By subpath: what unplugin calls the maker, and what the bundler takes for a plugin. */
export const bundlers = {
  vite: { maker: "createVitePlugin", plugin: named },
  rollup: { maker: "createRollupPlugin", plugin: named },
  rolldown: { maker: "createRolldownPlugin", plugin: named },
  esbuild: {
    maker: "createEsbuildPlugin",
    plugin: "{ name: string; setup(build: any): void | Promise<void> }",
  },
  webpack: { maker: "createWebpackPlugin", plugin: "{ apply(compiler: any): void }" },
};

/** What lies in `dist/`, by name. */
export const pluginFiles = () =>
  Object.fromEntries(
    Object.entries(bundlers).flatMap(([name, { maker, plugin }]) => [
      [
        `${name}.js`,
        `import { ${maker} } from "unplugin";
import { compiler, keepCaches, load } from "./load.js";

export default ${maker}(load("plugin.js").plugin({ compiler, loaded: keepCaches }));
`,
      ],
      [
        `types/${name}.d.ts`,
        `import type { PluginOptions } from "./plugin/options.js";
export type { PluginOptions };
/** Layers as modules: \`import { conv2d } from "./conv2d.layer"\`, \`?target=webgpu\` for its WebGPU kernels. */
export default function leibniz(options?: PluginOptions): ${plugin};
`,
      ],
    ]),
  );
