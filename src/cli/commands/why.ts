import type { DetectorWhy } from '../../detect/tuning/why.ts'
import { SallyportError } from '../../kit/error.ts'
import type { StoredCall } from '../../store/ports/call-store.ts'
import { type CatalogFiles, catalogFilesOf, withCatalogFiles } from '../catalog-files.ts'
import { defineCommand } from '../command.ts'
import { type Format, formatOption, printList } from '../output.ts'
import { analyseRecordings } from '../recordings.ts'

interface Options extends CatalogFiles {
  readonly learn?: readonly string[]
  readonly detector?: string
  readonly format: Format
  readonly key?: string
}

export default defineCommand({
  id: 'why',
  summary: 'why a call of a recording was raised, or why not, in the words of each detector',
  examples: [
    'sallyport why c-000123 traffic.jsonl',
    'sallyport why c-000123 traffic.jsonl --learn last-week.jsonl --detector owner-binding',
  ],
  define: (command, io) => {
    withCatalogFiles(command)
      .argument('<call>', 'id of the call; the number of its line where it has none')
      .argument('<files...>', 'as those of analyze')
      .option('--learn <files...>', 'history: read first, nothing is raised from it')
      .option('--detector <id>', 'only this one')
      .option('--key <text>', 'key of the fingerprints')
      .addOption(formatOption())
      .action(async (call: string, files: readonly string[], options: Options) => {
        let found: StoredCall | undefined
        const { analysis } = await analyseRecordings(
          files,
          {
            files: catalogFilesOf(options, files),
            ...(options.learn === undefined ? {} : { learn: options.learn }),
            ...(options.key === undefined ? {} : { key: options.key }),
            onCall: stored => {
              if (stored.call.id === call) found = stored
            },
          },
          io,
        )
        if (found === undefined)
          throw new SallyportError('resource/not-found', 'There is no such call in these files.', {
            where: call,
            mend: 'The ids are those that sallyport analyze --assignments prints.',
          })
        // At the end of the recording: what came after may have raised it.
        const said = [...analysis.why(found, options.detector)].sort(byState)
        printList(
          io,
          options.format,
          said,
          [
            { title: 'detector', value: row => row.detector },
            { title: 'state', value: row => row.state },
            { title: 'saw', value: row => numbersOf(row), align: 'right' },
            { title: 'why', value: row => row.text, grow: true },
          ],
          'No detectors.',
        )
      })
  },
})

const numbersOf = ({ value, threshold, unit }: DetectorWhy): string =>
  value === undefined || threshold === undefined
    ? ''
    : `${value} of ${threshold}${unit === undefined ? '' : ` ${unit}`}`

const order = ['raised', 'held', 'suppressed', 'exempt', 'below', 'learning', 'off', 'other-kind']
/** Those that looked first. */
const byState = (a: DetectorWhy, b: DetectorWhy): number =>
  order.indexOf(a.state) - order.indexOf(b.state) ||
  Number(b.value !== undefined) - Number(a.value !== undefined) ||
  (a.detector < b.detector ? -1 : 1)
