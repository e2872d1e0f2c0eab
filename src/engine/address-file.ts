import { readFileSync } from 'node:fs'
import { type AddressRange, AddressTable, readAddressFile } from '../identity/address-table.ts'
import { SallyportError } from '../kit/error.ts'
import type { Config } from './config.ts'

/**
 * The ranges of addresses of the configuration, and of the file it names, read and checked.
 * @throws SallyportError `config/invalid` where the file cannot be read or a range is none, with file and line
 */
export function readAddresses({
  addresses,
  addressFile,
}: Pick<Config['analysis'], 'addresses' | 'addressFile'>): readonly AddressRange[] {
  const ranges = [...addresses, ...(addressFile === undefined ? [] : fromFile(addressFile))]
  // Made once to be checked: the analysis thread makes its own.
  new AddressTable(ranges)
  return ranges
}

function fromFile(file: string): readonly AddressRange[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new SallyportError('config/invalid', 'The file of addresses cannot be read.', {
      where: file,
      mend: 'Correct the setting analysis.addressFile.',
      cause,
    })
  }
  return readAddressFile(text, file)
}
