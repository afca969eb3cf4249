/** The development mailbox: emails that would have been sent. Only in English, because it is a tool for developers. */
import { isIP } from 'node:net';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { html } from 'hono/html';
import { isLoopbackSite } from '#config/loopback.ts';
import { type Mail, standaloneHtml } from '#core/mail/mail.ts';
import type { Mailbox, MailboxEntry } from '#outside/mail/mailbox.ts';
import { pageHeaders, renderPage } from './page-layout.ts';

const ALL = '/dev/*';
const LIST = '/dev/mailbox';
const MAIL = '/dev/mailbox/:id';
const JSON_LIST = '/dev/mailbox.json';
/** A computer, and the smallest phone (WCAG 2.2, 1.4.10). */
const WIDTHS = [600, 320] as const;

export function createMailboxPages(mailbox: Mailbox): Hono {
  const pages = new Hono();
  pages.use(ALL, ownHostOnly(mailbox.site));
  pages.use(LIST, pageHeaders());
  // An email has inline styles and perhaps a logo, and an iframe with srcdoc inherits the policy of its page. Scripts
  // stay off in both.
  pages.use(MAIL, pageHeaders({ allowsEmails: true }));
  pages.get(LIST, (c) => c.html(renderTool(c, 'Mailbox', renderList(mailbox.list()))));
  pages.get(MAIL, (c) => {
    const received = mailbox.find(c.req.param('id'));
    const body = received === null ? renderNothing() : renderMail(received);
    const title = received === null ? 'No such email' : received.mail.subject;
    return c.html(renderTool(c, title, body), received === null ? 404 : 200);
  });
  pages.get(JSON_LIST, (c) => {
    const to = c.req.query('to')?.toLowerCase();
    const mails = mailbox.list().filter(({ mail }) => to === undefined || mail.to.toLowerCase() === to);
    return c.json({ mails: mails.map(asJson) }, 200, { 'Cache-Control': 'no-store' });
  });
  const notAllowed = (c: Context) => c.text('Method not allowed', 405, { Allow: 'GET, HEAD' });
  pages.all(LIST, notAllowed);
  pages.all(JSON_LIST, notAllowed);
  pages.all(MAIL, notAllowed);
  return pages;
}

/**
 * Refuses a request that names another host. The owner of a domain can make it point to the IP address of this service;
 * in the browser of someone who can reach the service, pages of that domain could then read it (DNS rebinding). A host
 * that is an IP address was not looked up, so nobody can have pointed it here.
 */
function ownHostOnly(site: string): MiddlewareHandler {
  return async (c, next) => {
    const { hostname } = new URL(c.req.url);
    const isOurs = hostname === site || isLoopbackSite(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
    if (isOurs) return next();
    return c.text(`The mailbox can be read at ${site}, localhost, and IP addresses only.\n`, 403);
  };
}

/** With the colors of the operator, and without a logo, whose address is that of other pages. */
function renderTool(c: Context, title: string, body: ReturnType<typeof html>) {
  const brand = c.get('brand');
  return renderPage({ lang: 'en', title, body, wide: true, ...(brand && { brand: { ...brand, logo: null } }) });
}

function renderList(mails: readonly MailboxEntry[]) {
  if (mails.length === 0) {
    return html`<h1>Mailbox</h1>
<p>No email yet. Register an account, then <a href="mailbox">look again</a>.</p>`;
  }
  return html`<h1>Mailbox</h1>
<p class="quiet">Emails are kept in memory until the service stops, because no <code>SMTP_URL</code> is set. <a href="mailbox">Reload</a> · <a href="mailbox.json">JSON</a>, for tests</p>
<table>
<thead><tr><th scope="col">Time</th><th scope="col">To</th><th scope="col">Subject</th></tr></thead>
<tbody>
${mails.map(
  ({
    id,
    at,
    mail,
  }) => html`<tr><td>${renderTime(at)}</td><td>${mail.to}</td><td><a href="mailbox/${id}">${mail.subject}</a></td></tr>
`,
)}</tbody>
</table>`;
}

/** As people read it first: HTML, on a computer and on a small phone. */
function renderMail({ at, mail }: MailboxEntry) {
  const { code, links } = proofOf(mail);
  const shown = standaloneHtml(mail);
  return html`<p><a href="../mailbox">All emails</a></p>
<h1>${mail.subject}</h1>
<dl><dt>To</dt><dd>${mail.to}</dd><dt>Time</dt><dd>${renderTime(at)}</dd></dl>
${code === null ? '' : html`<h2>Code</h2><p class="code" id="code">${code}</p>`}
${links.map(({ label, url }) => html`<h2>${label}</h2><p><a class="mail-link" href="${url}">${url}</a></p>`)}
<h2>HTML</h2>
<div class="widths">${WIDTHS.map(
    (width) =>
      html`<iframe sandbox="" width="${width}" title="HTML part, ${width} pixels wide" srcdoc="${shown}"></iframe>`,
  )}</div>
<h2>Text</h2>
<pre>${mail.text}</pre>`;
}

/** What a test does next with an email: its code, and the links of its buttons. */
function proofOf({ blocks }: Mail): { code: string | null; links: { label: string; url: string }[] } {
  const found = blocks.filter((block) => typeof block !== 'string');
  const [code = null] = found.flatMap((block) => ('code' in block ? [block.code] : []));
  return { code, links: found.filter((block) => 'url' in block) };
}

/** An email as `/dev/mailbox.json` has it. */
function asJson({ id, at, mail }: MailboxEntry) {
  const { name, to, subject, text, html: htmlPart } = mail;
  const { code, links } = proofOf(mail);
  const urls = links.map(({ url }) => url);
  return { id, at: at.toISOString(), mail: name, to, subject, code, links: urls, text, html: htmlPart };
}

function renderNothing() {
  return html`<p><a href="../mailbox">All emails</a></p>
<h1>No such email</h1>
<p>The service has been restarted, or newer emails have replaced this one.</p>`;
}

function renderTime(at: Date) {
  const iso = at.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}
