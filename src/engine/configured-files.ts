import { readCustomClasses } from '../catalog/data-classes/custom.ts'
import type { ClassRegistry } from '../catalog/data-classes/registry/class-registry.ts'
import { classesWith } from '../catalog/data-classes/registry/standard.ts'
import type { CatalogFile } from '../catalog/ownership/catalog-file.ts'
import type { AddressRange } from '../identity/address-table.ts'
import { readAddresses } from './address-file.ts'
import { readCatalogFile } from './catalog-file.ts'
import type { Config } from './config.ts'
import { type DataClassFile, readDataClassFile } from './data-class-file.ts'

/** What the files say that the configuration names; checked. */
export interface ConfiguredFiles {
  readonly dataClasses: DataClassFile | undefined
  /** Built-in data classes and those of the team. */
  readonly classes: ClassRegistry
  /** Where addresses are, of the configuration and of its file. */
  readonly addresses: readonly AddressRange[]
  readonly catalog: CatalogFile | undefined
}

/** @throws SallyportError `config/invalid` naming the file and its fault */
export function readConfiguredFiles({ catalog, dataClasses, analysis }: Config): ConfiguredFiles {
  const file = dataClasses === undefined ? undefined : readDataClassFile(dataClasses)
  return {
    dataClasses: file,
    addresses: readAddresses(analysis),
    classes: classesWith(file === undefined ? [] : readCustomClasses(file.source, file.file)),
    catalog: catalog === undefined ? undefined : readCatalogFile(catalog),
  }
}
