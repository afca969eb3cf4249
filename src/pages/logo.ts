/** The logo of the operator, for pages, and as the icon that browsers ask for. */
import { type Context, Hono } from 'hono';
import type { Logo } from '#config/brand/brand-logo.ts';

const HOUR = 3600;

/** An SVG is a document too: opened as one, it may neither run scripts nor load anything. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** `/brand-logo`, and `/favicon.ico`, which is empty without a file. */
export function createLogo(logo: Logo | null): Hono {
  const pages = new Hono();
  const image = (c: Context, { type, bytes }: Extract<Logo, { kind: 'file' }>) =>
    c.body(Uint8Array.from(bytes), 200, {
      'Content-Type': type,
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': `public, max-age=${HOUR}`,
      // Emails in web mail, and the operator's app, may show it as well.
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
  if (logo?.kind === 'file') pages.get('/brand-logo', (c) => image(c, logo));
  pages.get('/favicon.ico', (c) =>
    logo?.kind === 'file' ? image(c, logo) : c.body(null, 204, { 'Cache-Control': `public, max-age=${HOUR}` }),
  );
  return pages;
}
