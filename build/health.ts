/**
 * For the HEALTHCHECK of a container: whether the service in it is alive, wherever its settings make it listen. Says
 * why not, and ends with 1.
 */
import { once } from 'node:events';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';

const { HOST = '', PORT, TLS_CERT } = process.env;
const isSecure = Boolean(TLS_CERT);
const place = HOST.includes('/')
  ? { socketPath: HOST }
  : { host: ['', '0.0.0.0', '::'].includes(HOST) ? 'localhost' : HOST, port: PORT || '4000' };
try {
  const request = (isSecure ? getSecurely : get)({
    ...place,
    path: '/healthz',
    // The certificate is for the host of PUBLIC_URL, and this connection does not leave the container.
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(2000),
  });
  const [{ statusCode }] = await once(request, 'response');
  if (statusCode !== 200) throw new Error(`/healthz answers ${statusCode}`);
  request.destroy();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
