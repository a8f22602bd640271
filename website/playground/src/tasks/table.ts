import { data, randomUniform, tensor } from 'hornbeam'

/** Pieces of a table's numeric columns, standardized; at every step the next value of one of them is to be said. The last fifth is held out. */
export async function readTable(csv: string, target: string) {
  const rows: Readonly<Record<string, unknown>>[] = []
  for await (const row of data.csv({ text: csv }, { missing: 'drop' })) rows.push(row)
  const columns = Object.keys(rows[0] ?? {}).filter((name) => rows.every((row) => typeof row[name] === 'number'))
  if (columns.length === 0) throw new Error('expected a table with at least one column of numbers')
  const cut = Math.floor(0.8 * rows.length)
  const standardized = columns.map((name) => {
    const values = rows.map((row) => Number(row[name]))
    const known = values.slice(0, cut)
    const mean = known.reduce((sum, value) => sum + value, 0) / cut
    const spread = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / cut)
    return values.map((value) => (value - mean) / (spread || 1))
  })
  const wanted = Math.max(0, columns.indexOf(target))
  const piecesOf = (first: number, end: number) => (size: number, length: number, seed: number) => {
    const chance = Array.from(randomUniform([size], { seed }).data)
    const starts = chance.map((u) => first + Math.floor(u * (end - first - length)))
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
  return { columns, rows: rows.length, makeBatch: piecesOf(0, cut), makeHeldOut: piecesOf(cut, rows.length) }
}
