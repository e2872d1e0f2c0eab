import { defineCommand } from '../command.ts'
export default defineCommand({
  id: 'demo',
  summary: 'the sample shop',
  examples: ['sallyport demo'],
  define: () => {},
})
