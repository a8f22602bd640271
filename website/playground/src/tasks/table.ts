import { data, randomUniform, tensor } from 'hornbeam'

/** Pieces of a table's numeric columns, standardized; at every step the next value of one of them is to be said. */
export async function readTable(csv: string, target: string) {
  const rows: Readonly<Record<string, unknown>>[] = []
  for await (const row of data.csv({ text: csv }, { missing: 'drop' })) rows.push(row)
  const columns = Object.keys(rows[0]).filter((name) => rows.every((row) => typeof row[name] === 'number'))
  const table = columns.map((name) => rows.map((row) => Number(row[name])))
  const standardized = table.map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
    return values.map((value) => (value - mean) / (spread || 1))
  })
  const wanted = Math.max(0, columns.indexOf(target))
  const makeBatch = (size: number, length: number, seed: number) => {
    const starts = Array.from(randomUniform([size], { seed }).data, (u) => Math.floor(u * (rows.length - length)))
    const steps = starts.flatMap((start) => Array.from({ length }, (_, t) => start + t))
    return {
      x: tensor(
        steps.flatMap((t) => standardized.map((values) => values[t])),
        [size, length, columns.length],
      ),
      y: tensor(
        steps.map((t) => standardized[wanted][t + 1]),
        [size, length, 1],
      ),
    }
  }
  return { columns, makeBatch }
}
