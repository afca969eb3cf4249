/**
 * The certificate of the service and its key, from files that something else renews. They are read again at SIGHUP and
 * once a minute, so that a renewed certificate needs no restart; open connections keep the old one.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from '#config/network/listen-settings.ts';
import { unreadable } from '#config/unreadable.ts';
import { OperatorError } from '#errors/operator-error.ts';
import type { Log } from './log.ts';

/** What node:tls takes. */
export type TlsCertificate = { cert: string; key: string };

const LOOK_AGAIN_MS = 60_000;

/** Fails with OperatorError for files that cannot be read, or that do not belong together. */
export function readTlsCertificate({ certificate, key }: TlsFiles): TlsCertificate {
  const read = { cert: contentOf('TLS_CERT', certificate), key: contentOf('TLS_KEY', key) };
  try {
    createSecureContext(read);
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const reason = typeof code === 'string' ? ` (${code})` : '';
    throw new OperatorError(`TLS_CERT and TLS_KEY are not a certificate in PEM and its key${reason}.`);
  }
  return read;
}

/** Until when the first certificate of the file is valid, and whether it is for this host. */
export function describeCertificate({ cert }: TlsCertificate, host: string): { validTo: Date; isForHost: boolean } {
  const certificate = new X509Certificate(cert);
  const name = host.replace(/^\[|\]$/g, '');
  const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  return { validTo: new Date(certificate.validTo), isForHost: found !== undefined };
}

type Renewable = { setSecureContext: (certificate: TlsCertificate) => void };

/**
 * Gives the server the new certificate whenever the files change. If the files cannot be used, the server keeps the one
 * it has, and the log says why.
 */
export function keepTlsCertificate(server: Renewable, files: TlsFiles, first: TlsCertificate, log: Log): void {
  let current = first;
  let problem = '';
  const look = () => {
    try {
      const found = readTlsCertificate(files);
      problem = '';
      if (found.cert === current.cert && found.key === current.key) return;
      server.setSecureContext(found);
      current = found;
      log.info('the TLS certificate was renewed');
    } catch (error) {
      const said = error instanceof OperatorError ? error.message : 'unknown';
      // While certificate and key are being replaced, they do not match. Each problem is logged once.
      if (said !== problem) log.error({ reason: said }, 'cannot use the new TLS files; keeping the certificate');
      problem = said;
    }
  };
  process.on('SIGHUP', look);
  setInterval(look, LOOK_AGAIN_MS).unref();
}

function contentOf(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OperatorError(`${variable} ${unreadable(path, error)}`);
  }
}
