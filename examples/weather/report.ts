// One self-contained page: the loss curves, and the forecast against the truth, drawn as SVG by Observable Plot.
import { writeFile } from 'node:fs/promises'
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Day } from './weather'

export interface Report {
  readonly history: Readonly<Record<string, readonly number[]>>
  readonly days: readonly Day[]
  readonly forecast: readonly number[]
  readonly truth: readonly number[]
  /** Root mean square errors in degrees. */
  readonly errors: { readonly lstm: number; readonly sameAsToday: number; readonly dayOfYear: number }
}

const blue = '#1f6f8b'
const orange = '#d9822b'

/** Writes the page, and beside it the forecast as a picture of its own (`forecast.svg`). */
export async function writeReport(folder: URL, report: Report): Promise<void> {
  const forecast = svg(forecastPlot(report))
  await writeFile(new URL('report.html', folder), page(svg(lossPlot(report)), forecast, report))
  await writeFile(new URL('forecast.svg', folder), forecast)
}

function svg(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const figure = Plot.plot({ ...options, document: document as unknown as Document }) // linkedom has what Plot needs
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return figure.outerHTML
}

function lossPlot({ history }: Report): Plot.PlotOptions {
  const curve = (key: string, label: string) => (history[key] ?? []).map((loss, i) => ({ epoch: i + 1, loss, label }))
  const points = [...curve('loss', 'training (2012, 2013)'), ...curve('val_loss', 'validation (2014)')]
  return {
    width: 900,
    height: 320,
    marginLeft: 60,
    marginBottom: 48,
    marginRight: 30,
    style: { fontSize: '13px', background: 'white' },
    color: { legend: false, domain: ['training (2012, 2013)', 'validation (2014)'], range: [blue, orange] },
    x: { label: 'epoch', labelAnchor: 'center', labelOffset: 42 },
    y: { label: 'mean squared error (scaled)', grid: true, zero: true },
    marks: [
      Plot.lineY(points, { x: 'epoch', y: 'loss', stroke: 'label', strokeWidth: 2 }),
      Plot.text(
        points,
        Plot.selectLast({
          x: 'epoch',
          y: 'loss',
          z: 'label',
          text: 'label',
          fill: 'label',
          dy: -18,
          textAnchor: 'end',
          fontWeight: 'bold',
          stroke: 'white',
          strokeWidth: 4,
        }),
      ),
    ],
  }
}

function forecastPlot({ days, forecast, truth }: Report): Plot.PlotOptions {
  const series = (values: readonly number[], label: string) =>
    values.map((value, i) => ({ date: days[i].date, value, label }))
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

function page(loss: string, forecast: string, { errors }: Report): string {
  const row = (name: string, error: number) => `<tr><td>${name}</td><td>${error.toFixed(2)}</td></tr>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Tomorrow's temperature in Seattle</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem; color: #222; }
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
${row('LSTM', errors.lstm)}
${row('the same as today', errors.sameAsToday)}
${row('average of that day in earlier years', errors.dayOfYear)}
</table>
<h2>2015: <span class="forecast">forecast</span> against <span class="truth">truth</span></h2>
${forecast}
<h2>Loss, epoch by epoch</h2>
${loss}
<p>Data: daily records for Seattle from NOAA, as published in vega-datasets (seattle-weather).</p>
</body>
</html>
`
}
