/** The report's own style: no font, picture or script from elsewhere. Pictures are white sheets in both colour schemes. */
export const style = `
:root {
  color-scheme: light dark;
  --ink: #1c1e21; --faint: #5a6169; --paper: #ffffff; --line: #d9dde2; --sheet: #f5f7f9; --link: #0b5cad;
  --warn-ink: #5c1a00; --warn-paper: #fff0e8; --warn-line: #d55e00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6e8ea; --faint: #a3abb3; --paper: #16181b; --line: #363b41; --sheet: #1f2226; --link: #7ab8f5;
    --warn-ink: #ffd9c2; --warn-paper: #3a1d0c; --warn-line: #f08030;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 24px 20px 64px; max-width: 1120px;
  background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
}
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 40px 0 12px; padding-top: 12px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 20px 0 8px; }
p { margin: 8px 0; overflow-wrap: anywhere; }
a { color: var(--link); }
.verdict { font-size: 18px; margin: 16px 0 8px; }
.faint { color: var(--faint); }
.warning {
  margin: 16px 0; padding: 10px 14px;
  border-left: 5px solid var(--warn-line); background: var(--warn-paper); color: var(--warn-ink);
}
ul { margin: 8px 0; padding-left: 22px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 18px; margin: 12px 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; break-inside: avoid; }
.columns { columns: 2 340px; column-gap: 32px; }
.columns dl { margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 8px 0; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 14px 4px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
td { overflow-wrap: anywhere; min-width: 7.5em; max-width: 520px; }
th { font-weight: 600; white-space: nowrap; }
td:empty { min-width: 0; }
.number { text-align: right; white-space: nowrap; }
td.number { min-width: 4.5em; }
.figures { display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start; }
figure {
  margin: 0; max-width: 100%; border: 1px solid var(--line); border-radius: 8px; overflow: hidden;
  background: var(--sheet); break-inside: avoid;
}
.picture { overflow-x: auto; background: #ffffff; }
.picture svg { display: block; max-width: 100%; height: auto; }
figcaption { padding: 8px 14px; font-size: 13px; color: var(--faint); contain: inline-size; }
pre {
  margin: 8px 0; padding: 12px; overflow-x: auto; border-radius: 8px; background: var(--sheet);
  font: 12px/1.45 ui-monospace, Menlo, Consolas, monospace;
}
@media (max-width: 640px) {
  .wide::before {
    content: "wider than this screen: move it sideways"; position: sticky; left: 0; display: block; width: max-content;
    padding: 6px 14px; font-size: 12px; color: #5a6169;
  }
  .scroll.wide::before { padding-left: 0; color: var(--faint); }
  body { padding: 16px 12px 48px; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: 6px; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --faint: #444; --paper: #fff; --sheet: #fff; --line: #bbb; --link: #000; }
  body { max-width: none; padding: 0; font-size: 11pt; }
  .picture svg { min-width: 0 !important; }
  h2 { break-after: avoid; }
  .scroll, .picture, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
}
`;
