// How much may come out of a file: what is packed, shared or left out can stand for more than any memory holds.
import { FormatError } from '../errors'

/** Zeros are packed a thousand to one; whole files are not. */
const growth = 64
const spare = 134_217_728

/** What may still come out of a file, in bytes. */
export class Budget {
  private readonly where: string
  private left: number

  /** @param size - the number of bytes of the file. */
  constructor(where: string, size: number) {
    this.where = where
    this.left = spare + growth * size
  }

  /** How many bytes are left. */
  get rest(): number {
    return this.left
  }

  /** Takes so many bytes of it. @throws FormatError where that is more than is left, before they are there. */
  take(bytes: number): void {
    if (!(bytes <= this.left)) {
      throw new FormatError(
        `${this.where}: what is in it takes more than ${growth} times the memory of the file: it is corrupt or a trap`,
      )
    }
    this.left -= bytes
  }
}
