/** The standard layers' texts by name, as the compiler has them inside. */
export declare const standardLayers: () => Record<string, string>;
