/** `npm run example`: the service and the app of `examples/react` side by side, until Ctrl-C. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import packed from '../package.json' with { type: 'json' };
import { settingsFor } from './service-settings.ts';

// As the service does: PORT and PUBLIC_URL may be there.
if (existsSync('.env')) process.loadEnvFile();
/** EXAMPLE_PORT is another port for the app, PORT one for the service. */
const port = Number(process.env['EXAMPLE_PORT'] ?? 5173);
const origin = `http://localhost:${port}`;
const url = process.env['PUBLIC_URL'] ?? `http://localhost:${process.env['PORT'] ?? 4000}`;
process.env['VITE_LATCHKEY_URL'] ??= url;

// Vite first: if its port is taken, nothing has been started that would have to be stopped.
const root = fileURLToPath(new URL('react', import.meta.url));
const app = await createServer({ root, logLevel: 'warn', server: { port } });
await app.listen().catch((error: Error) => {
  process.stderr.write(`${error.message}. Stop the other process or set EXAMPLE_PORT.\n`);
  process.exit(1);
});

// What `npm start` runs, without npm in between: it does not hand on every signal.
const service = spawn(packed.scripts.start, {
  shell: true,
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, ...settingsFor(origin) },
  stdio: ['inherit', 'pipe', 'inherit'],
});
// At SIGTERM, Vite would end this process before the service has finished what it is doing.
process.removeAllListeners('SIGTERM');
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => service.kill(signal));
service.stdout.on('data', (chunk: Buffer) => {
  process.stdout.write(chunk);
  if (chunk.includes('Latchkey is ready')) process.stdout.write(`  Example    ${origin}\n\n`);
});
const [code] = await once(service, 'exit');
await app.close();
process.exit(code ?? 0);
