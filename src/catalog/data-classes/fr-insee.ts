import { defineDataClass } from '../data-class.ts'

export const frInsee = defineDataClass({
  id: 'fr-insee',
  title: 'French social security number (NIR)',
  group: 'pii',
  sensitivity: 25,
  names: ['insee', 'nir', 'numero secu'],
  chance: 0.005,
  lengths: [15, 22],
  // 97 minus the first thirteen digits modulo 97; Corsica's departments count as 19 and 18.
  test: ({ text, bare }) => {
    if (text.length > 22 || !/^[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)\d[0-9AB]\d{8}$/.test(bare)) return false
    const number = bare.slice(0, 13).replace('A', '0').replace('B', '0')
    const corsica = bare[6] === 'A' ? 1_000_000n : bare[6] === 'B' ? 2_000_000n : 0n
    return 97 - Number((BigInt(number) - corsica) % 97n) === Number(bare.slice(13))
  },
  examples: {
    matches: ['255081416802538', '2 55 08 14 168 025 38'],
    rejects: ['255081416802539', '955081416802538', '25508141680253'],
  },
})
