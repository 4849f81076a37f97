/** What users of the plugin say. */
export interface PluginOptions {
  /** Writes `lora.layer.d.ts` beside `lora.layer` when that is imported, for editors and for tsc. Default true. */
  readonly types?: boolean;
}
