import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'src/**/*.test.ts',
      'range/**/*.test.ts',
      'test/**/*.test.ts',
      'scripts/**/*.test.ts',
      'console/src/**/*.test.{ts,tsx}',
    ],
    setupFiles: ['test/support/property-seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: a worker each is enough, and the end-to-end files start whole systems.
    maxWorkers: 2,
    pool: 'forks',
  },
})
