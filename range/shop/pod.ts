const letters = 'bcdfghjklmnpqrstvwxz2456789'

/** The name of the one pod that a service has in a version: as a deployment makes it up, the same each time. */
export function podOf(service: string, version: string): string {
  const hash = suffix(`${service} ${version}`, 8)
  return `${service}-4${hash}7-${suffix(`pod ${service} ${version}`, 5)}`
}

function suffix(text: string, length: number): string {
  let state = 2_166_136_261
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 16_777_619) >>> 0
  let made = ''
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    made += letters[(state >>> 8) % letters.length]
  }
  return made
}
