import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The API server to develop against; the built console is served by that server itself. */
const api = process.env.SALLYPORT_API ?? 'http://127.0.0.1:4600'

export default defineConfig({
  plugins: [react()],
  server: { host: '127.0.0.1', port: 4610, proxy: { '/api': api } },
  build: {
    target: 'es2023',
    // Under the server's content security policy nothing may be inlined as a data: script or font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
