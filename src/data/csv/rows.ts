// From rows of cells to records: cells get the names and types of their columns.

import { type CellRow, cellRows } from './cells'
import { CSVColumns } from './columns'
import type { CSVReading, CSVRow } from './csv'

/** The rows of a table, one by one. Rows without any value at the end of a file, as spreadsheets write them, are left out. */
export async function* rowsOf(
  pieces: Iterable<string> | AsyncIterable<string>,
  reading: CSVReading,
): AsyncGenerator<CSVRow> {
  let columns: CSVColumns | undefined
  let empty: CellRow[] = []
  for await (const rows of cellRows(pieces, reading)) {
    for (const found of rows) {
      if (columns === undefined) {
        columns = new CSVColumns(reading, found.cells)
        if (reading.header === true) continue
      }
      if (isEmpty(found)) {
        empty.push(found)
        continue
      }
      for (const { cells, number } of [...empty, found]) {
        const row = columns.row(cells, number)
        if (row !== undefined) yield row
      }
      if (empty.length > 0) empty = []
    }
  }
}

function isEmpty({ cells }: CellRow): boolean {
  return cells.length > 1 && cells.every((cell) => cell.trim() === '')
}
