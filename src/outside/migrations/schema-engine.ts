/**
 * Prisma's schema engine as WebAssembly: compares schemas and applies migrations, without downloading a binary. It is
 * the same engine as in the Prisma CLI, so `prisma migrate` sees the same state.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import {
  bindMigrationAwareSqlAdapterFactory,
  DriverAdapterError,
  type ErrorRegistry,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import type { SchemaSession } from '../postgresql/schema-session.ts';

/** A Prisma schema and the path from which it was read. */
export type SchemaFile = { path: string; content: string };

/** Starts an engine on the session. Free it afterwards; the session stays open. */
export async function startSchemaEngine(session: SchemaSession, schema: SchemaFile): Promise<SchemaEngine> {
  const { SchemaEngine } = await loadEngine();
  const adapters = bindMigrationAwareSqlAdapterFactory(withWholeScripts(session));
  const { errorRegistry } = adapters;
  try {
    const files = { datamodels: [[schema.path, schema.content]] satisfies [string, string][] };
    return withOwnErrors(await SchemaEngine.new(files, () => undefined, adapters), errorRegistry);
  } catch (error) {
    throw ownError(error, errorRegistry);
  }
}

/** The same engine, whose methods fail with our own errors. */
function withOwnErrors(engine: SchemaEngine, errors: ErrorRegistry): SchemaEngine {
  return new Proxy(engine, {
    get: (_, key) => {
      const value: unknown = Reflect.get(engine, key, engine);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const result: unknown = value.apply(engine, given);
        if (!(result instanceof Promise)) return result;
        return result.catch((error: unknown) => {
          throw ownError(error, errors);
        });
      };
    },
  });
}

/** Of an error that did not come from PostgreSQL, such as a lost connection, the engine names only a number. */
function ownError(error: unknown, errors: ErrorRegistry): unknown {
  const [, id] = /External error id#(\d+)/.exec(error instanceof Error ? error.message : '') ?? [];
  return id === undefined ? error : (errors.consumeError(Number(id))?.error ?? error);
}

let loading: Promise<typeof import('@prisma/schema-engine-wasm/schema_engine_bg')> | undefined;

function loadEngine() {
  loading ??= instantiateEngine();
  return loading;
}

/** Node cannot import WebAssembly modules without a flag, so this does the work of the package's entry point. */
async function instantiateEngine() {
  const require = createRequire(import.meta.url);
  const file = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
  const [glue, bytes] = await Promise.all([import('@prisma/schema-engine-wasm/schema_engine_bg'), readFile(file)]);
  const imports = Object.fromEntries(
    Object.entries(glue).map(([name, value]) => [name, name.startsWith('__wbg_setTimeout') ? setQuietTimeout : value]),
  );
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': imports as WebAssembly.ModuleImports,
  });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports['__wbindgen_start'];
  if (typeof start !== 'function') throw new Error('The schema engine has no start function.');
  start();
  return glue;
}

/** The engine does not clear timeouts that it no longer needs; they must not keep the process alive. */
function setQuietTimeout(callback: () => void, milliseconds: number) {
  return setTimeout(callback, milliseconds >>> 0).unref();
}

/**
 * The adapters with a reliable script runner: one of the originals splits scripts at every semicolon, even in comments
 * and function bodies; the other does not wait for the end and loses the error.
 */
function withWholeScripts({ adapters, runScript }: SchemaSession): SqlMigrationAwareDriverAdapterFactory {
  const replaceIn = (adapter: SqlDriverAdapter) => {
    adapter.executeScript = (script) => runScript(script).catch(rethrowForEngine);
    return adapter;
  };
  return {
    provider: adapters.provider,
    adapterName: adapters.adapterName,
    connect: async () => replaceIn(await adapters.connect()),
    // Only an in-memory session compares migrations. It is empty, so it can be its own shadow database.
    connectToShadowDb: async () => replaceIn(await adapters.connect()),
  };
}

type PostgresError = Error & { code: string; severity?: string; detail?: string; column?: string; hint?: string };

function rethrowForEngine(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) throw error;
  const { code, severity, message, detail, column, hint } = error as PostgresError;
  throw new DriverAdapterError({
    kind: 'postgres',
    originalCode: code,
    originalMessage: message,
    code,
    severity: severity ?? 'ERROR',
    message,
    detail,
    column,
    hint,
  });
}
