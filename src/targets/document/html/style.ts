/** How the page looks: one column of text with its contents beside it where there is room, in light and in dark. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #fdfcf9; --card: #ffffff; --ink: #1d2024; --faint: #6a6c72; --line: #e4e0d6;
  --accent: #8c2f1b; --tint: #f6f1e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --card: #1c1f23; --ink: #e7e3da; --faint: #989a9f; --line: #31343a;
    --accent: #e79a7f; --tint: #24272b;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 17px/1.55 Charter, "Bitstream Charter", "Iowan Old Style", "Source Serif 4", Georgia, serif;
}
a { color: inherit; text-decoration: none; }
a:hover { color: var(--accent); }
.page { max-width: 80rem; margin: 0 auto; padding: 2.5rem 1.25rem 6rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 0 .75rem; font-weight: 600; letter-spacing: -.01em; }
h2 { font-size: 1.35rem; margin: 3.2rem 0 1rem; padding-top: 1.4rem; border-top: 1px solid var(--line); font-weight: 600; }
h3 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; font-weight: 600; }
h2 .katex, h3 .katex { font-size: 1.05em; }
.anchor { color: var(--line); margin-left: .4em; font-weight: 400; }
:hover > .anchor { color: var(--faint); }
.documentation { white-space: pre-line; max-width: 52rem; margin: 0 0 1.5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; font-size: .95rem; }
dt { color: var(--faint); } dd { margin: 0; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; font-size: .82em; }
pre {
  margin: .4rem 0 0; padding: .7rem .9rem; overflow-x: auto; background: var(--tint); border-radius: 6px;
  line-height: 1.5; font-size: .8rem;
}
.equation { overflow-x: auto; overflow-y: hidden; padding: .35rem 0; }
.equation .katex-display { margin: .3rem 0; }
.equation .katex-display.fleqn > .katex { padding-left: 0; }
.katex { font-size: 1.12em; }
.formula + .formula { margin-top: .6rem; }
.pattern { color: var(--faint); font-size: .9rem; margin: 0; }
.result { background: var(--card); border: 1px solid var(--line); border-left: 3px solid var(--accent); border-radius: 6px; padding: .7rem 1.1rem .9rem; margin: 0 0 1rem; }
.beside { color: var(--faint); font-size: .92rem; margin: .2rem 0 0; }
ol.steps { list-style: none; counter-reset: step; margin: 1rem 0 0; padding: 0; border-left: 1px solid var(--line); }
ol.steps > li { counter-increment: step; position: relative; padding: 0 0 .4rem 1.6rem; }
ol.steps > li::before {
  content: counter(step); position: absolute; left: -.75rem; top: .1rem; width: 1.5rem; height: 1.5rem; border-radius: 50%;
  background: var(--paper); border: 1px solid var(--line); color: var(--faint); font-size: .75rem; line-height: 1.4rem; text-align: center;
}
summary { cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::after { content: "\\203a"; display: inline-block; margin-left: .5em; color: var(--faint); transition: transform .12s; }
details[open] > summary::after { transform: rotate(90deg); }
summary:hover { color: var(--accent); }
summary .says { color: var(--faint); font-size: .9rem; margin-left: .6em; }
details.language > summary { color: var(--faint); font-size: .85rem; }
details.part { border: 1px solid var(--line); border-radius: 6px; padding: .6rem 1.1rem; margin: .7rem 0; background: var(--card); }
details.part[open] { padding-bottom: 1rem; }
table.rules { border-collapse: collapse; font-size: .93rem; }
table.rules td { padding: .35rem 1.2rem .35rem 0; vertical-align: top; border-top: 1px solid var(--line); }
.table { overflow-x: auto; }
nav { font-size: .93rem; margin: 0 0 2rem; padding: 0 0 1rem; border-bottom: 1px solid var(--line); }
nav ul { list-style: none; margin: .4rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; }
nav summary { color: var(--faint); }
.picture { margin: 1.5rem 0 0; }
.picture svg { display: block; max-width: 100%; height: auto; }
.picture figcaption { color: var(--faint); font-size: .9rem; margin-top: .5rem; }
footer { margin-top: 4rem; color: var(--faint); font-size: .85rem; }
@media (min-width: 70rem) {
  .page { display: grid; grid-template-columns: 13rem minmax(0, 1fr); column-gap: 4rem; }
  nav {
    position: sticky; top: 2.5rem; align-self: start; margin: .4rem 0 0; padding: 0; border: 0;
    max-height: calc(100vh - 4rem); overflow-y: auto;
  }
  nav ul { display: block; }
  nav li { margin: .35rem 0; }
}
@media (max-width: 40rem) {
  body { font-size: 16px; }
  .katex { font-size: 1.02em; }
  h1 { font-size: 1.7rem; }
  summary .says { display: block; margin-left: 0; }
  ol.steps > li > details > summary::after { position: absolute; right: 0; top: 0; }
}
@media print { nav { display: none; } .page { display: block; padding: 0; } details > * { display: revert; } }
`;
