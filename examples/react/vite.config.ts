import { defineConfig } from 'vite';

export default defineConfig({
  // Latchkey lets this origin in by its name (CORS_ORIGINS), so another port would not do.
  server: { port: 5173, strictPort: true },
});
