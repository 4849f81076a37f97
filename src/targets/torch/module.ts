/** The `torch.nn.Module` of a layer with weights. */
import { laidOut } from "./layout.js";
import { settingsOf, type Source } from "./index.js";
import { makeScope, takenInModules } from "./names.js";
import { docstring } from "./text.js";

/** Nothing where there are no weights: then the function is all there is to it. */
export function moduleText(source: Source): readonly string[] {
  const { layer, given, names } = source;
  const weights = given.filter((t) => t.role === "weight");
  if (weights.length === 0) return [];
  const writer = source.writer();
  const own = (name: string): string => writer.scope.tensor(name);
  const settings = settingsOf(layer, writer);
  const members = makeScope(takenInModules);
  const memberOf = new Map([
    ...weights.map((t) => [own(t.name), members.fresh(own(t.name))] as const),
    ...settings.map(({ name }) => [name, members.fresh(name)] as const),
  ]);
  const member = (name: string): string => `self.${memberOf.get(name)}`;
  const first = [
    "self",
    ...weights.map((t) => own(t.name)),
    ...(settings.length > 0 ? ["*", ...settings.map((s) => s.declared)] : []),
  ];
  const inputs = given.filter((t) => t.role !== "weight").map((t) => own(t.name));
  const isWeight = (name: string): boolean => weights.some((t) => t.name === name);
  const passed = [
    ...given.map((t) => (isWeight(t.name) ? member(own(t.name)) : own(t.name))),
    ...settings.map(({ name }) => `${name}=${member(name)}`),
  ];
  const lines = (text: readonly string[], indent: number): readonly string[] =>
    text.flatMap((line) => laidOut(line, indent));
  return [
    `class ${names.module}(torch.nn.Module):`,
    ...lines([docstring(`The layer ${layer.name} with its weights, which begin with the values given.`)], 4),
    "",
    ...lines([`def __init__(${first.join(", ")}):`], 4),
    ...lines(
      [
        "super().__init__()",
        ...weights.map((t) => `${member(own(t.name))} = torch.nn.Parameter(${own(t.name)})`),
        ...settings.map(({ name }) => `${member(name)} = ${name}`),
      ],
      8,
    ),
    "",
    ...lines([`def forward(${["self", ...inputs].join(", ")}):`], 4),
    ...lines([`return ${names.layer}(${passed.join(", ")})`], 8),
  ];
}
