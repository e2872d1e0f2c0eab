import { Option } from 'commander'
import type { PageView } from '../../server/api/page.ts'
import type { TokenView } from '../../server/api/token.ts'
import { type ApiOptions, apiClient, withApi } from '../api-options.ts'
import { defineCommand } from '../command.ts'
import { type Format, formatOption, printList } from '../output.ts'

export default defineCommand({
  id: 'token',
  summary: 'API tokens: create, list, revoke',
  examples: [
    'sallyport token create ci --role viewer',
    'sallyport token list',
    'sallyport token revoke 3f2b8c1e-5d0a-4c57-9a7e-2b1f6d3c8e90',
  ],
  define: (command, io) => {
    withApi(command.command('create').description('a new token; it is printed once and stored hashed'), io)
      .argument('<name>', 'what it is for')
      .addOption(
        new Option('--role <role>', 'what it may do')
          .choices(['viewer', 'analyst', 'admin'])
          .default('viewer'),
      )
      .action(async (name: string, options: ApiOptions & { readonly role: string }) => {
        const token = await apiClient(io, options).post<TokenView>('/tokens', { name, role: options.role })
        io.say(`Token ${token.id} for "${name}" (${token.role}). It is shown this once:`)
        io.out(`${token.token ?? ''}\n`)
      })
    withApi(command.command('list').description('tokens, without the secrets'), io)
      .addOption(formatOption())
      .action(async (options: ApiOptions & { readonly format: Format }) => {
        const { items } = await apiClient(io, options).get<PageView<TokenView>>('/tokens')
        printList(
          io,
          options.format,
          items,
          [
            { title: 'id', value: row => row.id },
            { title: 'name', value: row => row.name, grow: true },
            { title: 'role', value: row => row.role },
            { title: 'created', value: row => row.createdAt },
            { title: 'last used', value: row => row.lastUsedAt ?? 'never' },
            { title: 'revoked', value: row => row.revokedAt },
          ],
          'No tokens.',
        )
      })
    withApi(command.command('revoke').description('end a token at once'), io)
      .argument('<id>')
      .action(async (id: string, options: ApiOptions) => {
        await apiClient(io, options).delete(`/tokens/${encodeURIComponent(id)}`)
        io.say('Revoked.')
      })
  },
})
