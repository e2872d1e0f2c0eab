import { useState } from 'react'
import { Link } from 'react-router'
import { useExamples } from '../../api/catalog.ts'
import { exampleLabels, maskedNote } from '../../format/example.ts'
import { callsPath } from '../../format/paths.ts'
import { Choice } from '../../parts/choice.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Section } from '../../parts/section.tsx'
import { ExampleView } from './example-view.tsx'

/** A call of each status, as it may be shown: what a class of data is known for is masked. */
export function ExamplesSection({ endpoint }: { readonly endpoint: string }) {
  const query = useExamples(endpoint)
  const examples = query.data?.items ?? []
  const labels = exampleLabels(examples)
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const at = Math.max(0, labels.indexOf(chosen ?? ''))
  const example = examples[at]
  return (
    <Section
      title="An example"
      note={
        example && (
          <>
            The newest with this status, <Moment at={example.time} />. {maskedNote(example)}{' '}
            <Link to={callsPath({ ids: example.call, range: 'all', call: example.call })}>The call</Link>
          </>
        )
      }
    >
      <Loaded query={query} doing="Loading the examples">
        {() =>
          example === undefined ? (
            <p className="dim">None of its calls is kept any more: the next one will be shown here.</p>
          ) : (
            <>
              <Choice
                label="Status of the example"
                options={labels.map(label => ({ value: label, label }))}
                value={labels[at] ?? ''}
                onChange={setChosen}
              />
              <ExampleView example={example} />
            </>
          )
        }
      </Loaded>
    </Section>
  )
}
