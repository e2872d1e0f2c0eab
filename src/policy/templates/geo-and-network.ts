import { celList, type PolicyTemplate, renderHead } from './template.ts'

export const geoAndNetwork: PolicyTemplate<{
  readonly countries: readonly string[]
  /** Ranges that may whatever their country: `10.0.0.0/8`. */
  readonly ranges: readonly string[]
  /** Also refuses addresses of configured ranges of the kind `hosting`. */
  readonly hosting: boolean
}> = {
  id: 'geo-and-network',
  title: 'Countries and networks',
  summary:
    'Lets only the listed countries and ranges of addresses in; addresses whose country is not known pass.',
  defaults: { countries: ['DE', 'FR', 'GB', 'US'], ranges: ['10.0.0.0/8', '192.168.0.0/16'], hosting: true },
  render: options => {
    const { countries, ranges, hosting } = { ...geoAndNetwork.defaults, ...options }
    const foreign = `(source.country != "" && !(source.country in ${celList(countries)}))`
    const outside = ranges.map(range => `!inCidr(source.ip, ${JSON.stringify(range)})`)
    const when = [hosting ? `(${foreign} || source.networkKind == "hosting")` : foreign, ...outside]
    return `${renderHead('geo-and-network', 'request', options ?? {})}  when: >-
    ${when.join('\n    && ')}
  action: { type: block, status: 403 }
  mode: ${options?.mode ?? 'shadow'}
  reason: This service is not offered where you are.
  tests:
    - name: another country
      input: { source: { ip: 203.0.113.9, country: ZZ } }
      expect: block
    - name: a country on the list
      input: { source: { ip: 203.0.113.9, country: ${countries[0] ?? 'ZZ'} } }
      expect: ${countries.length === 0 ? 'block' : 'pass'}
    - name: an address of which nothing is known
      input: { source: { ip: 203.0.113.9 } }
      expect: pass
`
  },
}
