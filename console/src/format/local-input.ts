const two = (value: number): string => String(value).padStart(2, '0')

/** A moment as a `datetime-local` input holds it: the reader's zone, to the minute. */
export function toLocalInput(time: number): string {
  const date = new Date(time)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** The moment in ms, or undefined where the input is empty or half filled. */
export function fromLocalInput(text: string): number | undefined {
  if (!/^\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text)) return undefined
  const time = new Date(text).getTime()
  return Number.isNaN(time) ? undefined : time
}
