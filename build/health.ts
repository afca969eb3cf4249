/** For the HEALTHCHECK of a container: whether the service in it lives. Says why not, and ends with 1. */
const port = process.env['PORT'] || '4000';
try {
  const { status } = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2000) });
  if (status !== 200) throw new Error(`/healthz answers ${status}`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
