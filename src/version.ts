/** The compiler's version, as in package.json; stands in the header of each generated file. */
export const version = "0.1.0";
