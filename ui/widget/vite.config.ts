// Builds the chat into one file that any web site can load; the program embeds it.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2020',
    sourcemap: false,
    lib: { entry: 'src/main.ts', formats: ['iife'], name: 'BotFlowWidget', fileName: () => 'widget.js' },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'], restoreMocks: true },
})
