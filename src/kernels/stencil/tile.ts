/**
 * The inner loop of every stencil: the taps of a few neighbouring results, summed in registers. A tap's points are read
 * through views of the plane that begin one point after another: arrays of one length at one index, so the engine tests
 * their bounds once for all of them.
 */
import * as build from "../../notation/construct.js";
import type { Expression } from "../../notation/expression.js";
import * as integer from "../../notation/integer.js";
import type { Code, Panel, Routine } from "../program.js";

/** How many neighbouring results are summed at once: measured on V8; seven are no faster, and waste more of a row. */
export const lanes = 4;

/** How long a plane and its lists of taps may be. */
export const capacity = 1 << 17;

/** The names under which kernels use the panels. */
export const stencilPanel = {
  plane: "padded plane",
  weights: "tap weights",
  places: "tap places",
  sums: "lane sums",
} as const;

const views = Array.from({ length: lanes }, (_, lane) => `${stencilPanel.plane} from ${lane}`);

export const stencilPanels: readonly Panel[] = [
  {
    name: stencilPanel.plane,
    says: "a plane of the operand that a window slides over, in margins of zeros",
    type: "real",
    length: capacity,
    parts: views,
    overlap: true,
  },
  {
    name: stencilPanel.weights,
    says: "what each tap is multiplied by",
    type: "real",
    length: capacity,
    parts: [],
  },
  {
    name: stencilPanel.places,
    says: "where each tap reads, from where its result stands",
    type: "integer",
    length: capacity,
    parts: [],
  },
  { name: stencilPanel.sums, says: `${lanes} neighbouring results`, type: "real", length: lanes, parts: [] },
];

const { variable } = integer;
const local = (name: string): Expression => ({ kind: "parameter", name });

export const sumTaps: Routine = (() => {
  const sums = views.map((_, lane) => `s${lane}`);
  return {
    name: "sumTaps",
    comment: `sums[lane] = sum[t](plane[at + places[t] + lane] * weights[t]) for ${lanes} lanes and t < taps`,
    integers: ["at", "taps"],
    body: [
      ...sums.map((name): Code => ({ kind: "accumulator", name, value: build.zero })),
      {
        kind: "loop",
        index: "t",
        from: integer.zero,
        to: variable("taps"),
        step: integer.one,
        body: [
          {
            kind: "integer",
            name: "p",
            value: integer.plus(variable("at"), integer.element(stencilPanel.places, [variable("t")])),
          },
          { kind: "real", name: "w", value: build.read(stencilPanel.weights, [variable("t")]) },
          ...sums.map((name, lane): Code => {
            const product = build.multiply(build.read(views[lane] ?? "", [variable("p")]), local("w"));
            return { kind: "assign", name, value: build.add(local(name), product) };
          }),
        ],
      },
      ...sums.map((name, lane): Code => ({
        kind: "store",
        buffer: stencilPanel.sums,
        offset: integer.constant(lane),
        value: local(name),
      })),
    ],
  };
})();
