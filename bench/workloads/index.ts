import type { Workload } from "../workload.js";
import { products } from "./products.js";
import { rows } from "./rows.js";
import { windows } from "./windows.js";

export const workloads: readonly Workload[] = [...products, ...windows, ...rows];
