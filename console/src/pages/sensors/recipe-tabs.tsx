import { Button, CopyButton, SegmentedControl } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { useOverview } from '../../api/overview.ts'
import { recipesFor } from './recipes.ts'

export function RecipeTabs() {
  const recipes = recipesFor(useOverview().data?.gateway)
  const [chosen, setChosen] = useState('gateway')
  // A phone is narrower than the names of all recipes side by side.
  const narrow = useMediaQuery('(max-width: 30em)')
  const recipe = recipes.find(({ id }) => id === chosen)
  if (recipe === undefined) return null
  const text = recipe.lines.join('\n')
  return (
    <div className="stack" style={{ gap: 12 }}>
      <div>
        <SegmentedControl
          aria-label="Source"
          orientation={narrow ? 'vertical' : 'horizontal'}
          data={recipes.map(({ id, title }) => ({ value: id, label: title }))}
          value={chosen}
          onChange={setChosen}
        />
      </div>
      <p>{recipe.note}</p>
      <pre className="recipe">{text}</pre>
      <div>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              leftSection={copied ? <Check size={14} /> : <Copy size={14} />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
    </div>
  )
}
