import { defineCommand, ExitWith } from '../command.ts'

export default defineCommand({
  id: 'doctor',
  summary: 'check that this machine and configuration can run Sallyport',
  examples: ['sallyport doctor', 'sallyport doctor --config sallyport.yaml'],
  define: (command, io) => {
    command
      .option('--config <file>', 'configuration to check')
      .action(async (options: { readonly config?: string }) => {
        // Loaded here so that the other commands start without the stores.
        const { examine } = await import('../examination.ts')
        const checks = await examine(options.config, io.environment)
        for (const { state, what, detail, mend } of checks) {
          io.out(`${state.padEnd(4)}  ${what.padEnd(16)}  ${detail}\n`)
          if (mend !== undefined) io.out(`${' '.repeat(24)}→ ${mend}\n`)
        }
        if (checks.some(check => check.state === 'fail')) throw new ExitWith(3)
      })
  },
})
