/** The client as an application bundles it. */
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

/**
 * Bundles a module, minified, as one ES module.
 * @param entry the path from `client/`
 * @param external packages that stay imports
 */
export async function bundle(entry: string, external: readonly string[] = []): Promise<string> {
  const result = (await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      lib: { entry, formats: ['es'] },
      rolldownOptions: { external: external.map((name) => new RegExp(`^${name}(/|$)`)) },
    },
  })) as Rolldown.RolldownOutput[];
  return result.flatMap(({ output }) => output.map((each) => ('code' in each ? each.code : ''))).join('');
}
