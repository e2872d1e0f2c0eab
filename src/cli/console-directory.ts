import { fileURLToPath } from 'node:url'

/** Where the built console is. */
export const consoleDirectory = fileURLToPath(new URL('../../console/dist', import.meta.url))
