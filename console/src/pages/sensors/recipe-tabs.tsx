import { NativeSelect } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useSearchParams } from 'react-router'
import type { SensorView } from '../../../../src/server/api/sensor.ts'
import { useOverview } from '../../api/overview.ts'
import { isOff } from '../../format/sensors.ts'
import { Lines } from './lines.tsx'
import { recipeGroups, recipesFor } from './recipes.ts'
import { Waiting } from './waiting.tsx'
import { WaitingSensor } from './waiting-sensor.tsx'

/** Every way to connect something; the chosen one stands in the address. */
export function RecipeTabs({ sensors }: { readonly sensors: readonly SensorView[] }) {
  const [search, setSearch] = useSearchParams()
  const gateway = useOverview().data?.gateway ?? 'http://127.0.0.1:8080'
  const at = (sensor: string, usual: string): string =>
    sensors.find(({ id }) => id === sensor)?.address?.split(' ')[0] ?? usual
  const recipes = recipesFor({ gateway, at, otlp: `http://${at('otlp', '127.0.0.1:4318')}` })
  const chosen = search.get('connect') ?? 'gateway'
  // So many names are a list on a phone.
  const narrow = useMediaQuery('(max-width: 760px)') ?? false
  const recipe = recipes.find(({ id }) => id === chosen) ?? recipes[0]
  if (recipe === undefined) return null
  const setting = recipe.setting ?? `sensors.${recipe.sensor}`
  const choose = (id: string): void => {
    const next = new URLSearchParams(search)
    next.set('connect', id)
    setSearch(next, { replace: true })
  }
  const runs = (sensor: string | undefined): boolean => sensors.some(one => one.id === sensor && !isOff(one))
  const hears = (sensor: string | undefined): boolean =>
    sensors.some(({ id, events }) => id === sensor && events > 0)
  return (
    <div className="recipes">
      {narrow ? (
        <NativeSelect
          aria-label="Source"
          data={recipeGroups.map(([does, group]) => ({
            group,
            items: recipes
              .filter(one => one.does === does)
              .map(({ id, title }) => ({ value: id, label: title })),
          }))}
          value={recipe.id}
          onChange={event => choose(event.currentTarget.value)}
        />
      ) : (
        <section className="recipe-list" aria-label="Sources">
          {recipeGroups.map(([does, group]) => (
            <div key={does}>
              <h3>{group}</h3>
              <ul aria-label={group}>
                {recipes
                  .filter(one => one.does === does)
                  .map(({ id, title, sensor }) => (
                    <li key={id}>
                      <button
                        type="button"
                        className="plain-button"
                        aria-pressed={id === recipe.id}
                        onClick={() => choose(id)}
                      >
                        {title}
                        {hears(sensor) && <span className="dim"> heard</span>}
                      </button>
                    </li>
                  ))}
              </ul>
            </div>
          ))}
        </section>
      )}
      <div className="stack recipe-body">
        <p>{recipe.note}</p>
        {recipe.config !== undefined && !runs(recipe.sensor) && (
          <>
            <p>
              First, in <code>sallyport.yaml</code>, then start Sallyport again:
            </p>
            <Lines text={`${setting.split('.')[0]}:\n  ${recipe.config}`} what="the configuration" />
            <p>Then:</p>
          </>
        )}
        <Lines text={recipe.lines.join('\n')} what={recipe.title} />
        {recipe.sensor === undefined ? (
          <Waiting key={recipe.id} />
        ) : (
          <WaitingSensor key={recipe.id} id={recipe.sensor} setting={setting} />
        )}
      </div>
    </div>
  )
}
