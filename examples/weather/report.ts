// One self-contained page: the loss curves, and the forecast against the truth, drawn as SVG by Observable Plot.
import { writeFile } from 'node:fs/promises'
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

export interface Report {
  /** The learning curves, as SVG. */
  readonly curves: string
  /** The days that were forecast, in milliseconds. */
  readonly times: readonly number[]
  readonly forecast: readonly number[]
  readonly truth: readonly number[]
  /** Ways to forecast, and their root mean square errors in degrees. */
  readonly errors: readonly (readonly [name: string, error: number])[]
}

const orange = '#d9822b'

/** Writes the page, and beside it the forecast as a picture of its own (`forecast.svg`). */
export async function writeReport(folder: URL, report: Report): Promise<void> {
  const forecast = svg(forecastPlot(report))
  await writeFile(new URL('report.html', folder), page(report.curves, forecast, report))
  await writeFile(new URL('forecast.svg', folder), forecast)
}

function svg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const figure = Plot.plot({ ...options, document: document as unknown as Document }) // linkedom has what Plot needs
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return figure.outerHTML
}

function forecastPlot({ times, forecast, truth }: Report): Plot.PlotOptions {
  const series = (values: readonly number[], label: string) =>
    values.map((value, i) => ({ date: new Date(times[i]), value, label }))
  return {
    width: 900,
    height: 360,
    marginLeft: 60,
    marginBottom: 48,
    style: { fontSize: '13px', background: 'white' },
    x: { label: null, type: 'utc' },
    y: { label: 'highest temperature, °C', grid: true },
    marks: [
      Plot.lineY(series(truth, 'truth'), { x: 'date', y: 'value', stroke: '#999', strokeWidth: 1.2 }),
      Plot.lineY(series(forecast, 'forecast'), { x: 'date', y: 'value', stroke: orange, strokeWidth: 1.6 }),
    ],
  }
}

function page(curves: string, forecast: string, { errors }: Report): string {
  const row = (name: string, error: number) => `<tr><td>${name}</td><td>${error.toFixed(2)}</td></tr>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Tomorrow's temperature in Seattle</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem; color: #222; }
  svg { max-width: 100%; height: auto; }
  td { padding: 0.15rem 1.5rem 0.15rem 0; }
  td:last-child { text-align: right; font-variant-numeric: tabular-nums; }
  .truth { color: #777; } .forecast { color: ${orange}; font-weight: bold; }
</style>
</head>
<body>
<h1>Tomorrow's highest temperature in Seattle</h1>
<p>An LSTM with 32 units reads thirty days and forecasts the next. It learned from 2012 and 2013, was validated on 2014,
and never saw 2015.</p>
<table>
<tr><td>root mean square error in 2015</td><td>°C</td></tr>
${errors.map(([name, error]) => row(name, error)).join('')}
</table>
<h2>2015: <span class="forecast">forecast</span> against <span class="truth">truth</span></h2>
${forecast}
<h2>While it learned</h2>
${curves}
<p>Data: daily records for Seattle from NOAA, as published in vega-datasets (seattle-weather).</p>
</body>
</html>
`
}
