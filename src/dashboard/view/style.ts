// How the dashboard looks. It lives in a shadow tree: the page's styles stay outside, and its own inside.
import { dark, light } from '../../vis'

const colors = ({ paper, ink, axis, grid }: typeof light | typeof dark): string =>
  `--paper: ${paper}; --ink: ${ink}; --axis: ${axis}; --grid: ${grid};`

export const styles = `
:host { display: block; ${colors(light)} --card: #f7f8fa; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :host { ${colors(dark)} --card: #1e2127; --bad: #ff8a80; } }
* { box-sizing: border-box; }
.dashboard { background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  padding: 16px; min-height: 100%; }
h1 { font-size: 18px; margin: 0; }
h2 { font-size: 15px; margin: 0; display: inline; }
section { margin-top: 20px; }
summary { cursor: pointer; margin-bottom: 8px; }
details > button { margin-bottom: 8px; }
h3 { font-size: 13px; font-weight: 600; margin: 0 0 6px; overflow-wrap: anywhere; }
.top { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: baseline; justify-content: space-between; }
.note { color: var(--axis); }
.bad { color: var(--bad); }
.runs { list-style: none; margin: 12px 0 0; padding: 0; display: grid; gap: 8px; }
.run { background: var(--card); border: 1px solid var(--grid); border-radius: 8px; padding: 8px 12px; display: flex; flex-wrap: wrap;
  gap: 6px 14px; align-items: center; }
.run label { display: flex; gap: 8px; align-items: center; font-weight: 600; }
.run .far { flex: 1 1 160px; min-width: 0; }
.run form, .run .does { display: flex; gap: 6px; align-items: center; }
.swatch { width: 12px; height: 12px; border-radius: 3px; display: inline-block; flex: none; }
progress { width: 100%; height: 6px; display: block; accent-color: var(--swatch); }
button, input, select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--axis); border-radius: 6px; padding: 3px 10px; }
button { cursor: pointer; }
button:disabled, input:disabled { opacity: 0.45; cursor: default; }
button[aria-pressed='true'] { background: var(--ink); color: var(--paper); }
:focus-visible { outline: 2px solid #3b7dd8; outline-offset: 1px; }
input[name='rate'] { width: 7.5em; }
.cards { display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); }
.card { background: var(--card); border: 1px solid var(--grid); border-radius: 8px; padding: 10px 12px; min-width: 0; margin: 0; }
.card canvas.heat { width: 100%; display: block; image-rendering: pixelated; border: 1px solid var(--grid); }
.ends { display: flex; justify-content: space-between; color: var(--axis); font-size: 11px; }
.of { font-size: 12px; margin: 6px 0 2px; color: var(--axis); display: flex; gap: 6px; align-items: center; }
.wrong { display: grid; gap: 10px; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); }
.wrong > div { min-width: 0; font-size: 12px; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table.confusion { border-collapse: collapse; font-size: 12px; font-variant-numeric: tabular-nums; }
table.confusion th { font-weight: 500; padding: 2px 6px; text-align: right; }
table.confusion td { padding: 2px 6px; min-width: 2.6em; text-align: right; border: 1px solid var(--grid); }
.wide { grid-column: 1 / -1; }
@media (max-width: 480px) { .dashboard { padding: 10px; } .run .far { flex-basis: 100%; } }

.uplot { position: relative; font-size: 11px; }
.u-wrap { position: relative; user-select: none; }
.u-over, .u-under { position: absolute; }
.u-under { overflow: hidden; }
.uplot canvas { position: relative; display: block; width: 100%; height: 100%; }
.u-axis, .u-cursor-pt { position: absolute; }
.u-cursor-x, .u-cursor-y, .u-select { position: absolute; left: 0; top: 0; pointer-events: none; }
.u-select { background: color-mix(in srgb, var(--ink) 10%, transparent); }
.u-cursor-x { height: 100%; border-right: 1px dashed var(--axis); }
.u-cursor-y { width: 100%; border-bottom: 1px dashed var(--axis); }
.u-cursor-pt { left: 0; top: 0; border-radius: 50%; border: 0 solid; background-clip: padding-box !important; pointer-events: none; }
.u-axis.u-off, .u-select.u-off, .u-cursor-x.u-off, .u-cursor-y.u-off, .u-cursor-pt.u-off { display: none; }
.u-legend { margin: 4px 0 0; border-spacing: 0; font-variant-numeric: tabular-nums; text-align: left; }
.u-inline { display: block; }
.u-inline tr { margin-right: 12px; display: inline-block; }
.u-legend th, .u-legend td { padding: 1px 2px; vertical-align: middle; font-weight: 400; }
.u-legend th > * { display: inline-block; vertical-align: middle; }
.u-legend th { cursor: pointer; }
.u-inline .u-live th::after { content: ':'; }
.u-inline:not(.u-live) .u-value { display: none; }
.u-legend .u-marker { width: 11px; height: 11px; margin-right: 4px; background-clip: padding-box !important; }
.u-legend .u-off > * { opacity: 0.3; }
.u-series.u-hz { display: none; }
`
