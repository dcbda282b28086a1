// Builds the interface into `dist`, which the program embeds; in development /api goes to a running program or the mock.
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const api = process.env.BOTFLOW_API ?? 'http://127.0.0.1:4870'
const proxy = { '/api': { target: api, changeOrigin: false }, '/chat': { target: api, changeOrigin: false } }

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { port: 5173, strictPort: false, proxy },
  preview: { port: 5174, strictPort: false, proxy },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    assetsInlineLimit: 2048,
    chunkSizeWarningLimit: 600,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing.tsx'],
    restoreMocks: true,
  },
})
