/** Hand-written layers to hold the compiler's against. */
import { attention } from "./attention.js";
import { convolutions } from "./convolutions.js";
import { losses } from "./losses.js";
import { networks } from "./networks.js";
import { normalisation } from "./normalisation.js";
import { optimisers } from "./optimisers.js";
import type { Oracle } from "./oracle.js";
import { pointwise } from "./pointwise.js";
import { products } from "./products.js";
import { recurrent } from "./recurrent.js";
import { sampling } from "./sampling.js";
import { sequences } from "./sequences.js";
import { shapes } from "./shapes.js";

/** Of layers that call no other. */
const single: readonly Oracle[] = [
  ...products,
  ...convolutions,
  ...shapes,
  ...normalisation,
  ...pointwise,
  ...losses,
  ...attention,
  ...recurrent,
  ...sampling,
  ...sequences,
  ...optimisers,
];

export const oracles: readonly Oracle[] = [...single, ...networks(single)];
