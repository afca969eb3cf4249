/** The development mailbox: emails that would have been sent. Only in English, because it is a tool for developers. */
import { isIP } from 'node:net';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { html } from 'hono/html';
import { isLoopbackSite } from '#config/loopback.ts';
import type { Mailbox, MailboxEntry } from '#outside/mailbox.ts';
import { pageHeaders, renderPage } from './page-layout.ts';

const ALL = '/dev/*';
const LIST = '/dev/mailbox';
const MAIL = '/dev/mailbox/:id';

export function createMailboxPages(mailbox: Mailbox): Hono {
  const pages = new Hono();
  pages.use(ALL, ownHostOnly(mailbox.site));
  pages.use(LIST, pageHeaders());
  // An email has inline styles, and an iframe with srcdoc inherits the policy of its page. Scripts stay off in both.
  pages.use(MAIL, pageHeaders({ allowInlineStyles: true }));
  pages.get(LIST, (c) =>
    c.html(renderPage({ lang: 'en', title: 'Mailbox', body: renderList(mailbox.list()), wide: true })),
  );
  pages.get(MAIL, (c) => {
    const received = mailbox.find(c.req.param('id'));
    const body = received === null ? renderNothing() : renderMail(received);
    const title = received === null ? 'No such email' : received.mail.subject;
    return c.html(renderPage({ lang: 'en', title, body, wide: true }), received === null ? 404 : 200);
  });
  const notAllowed = (c: Context) => c.text('Method not allowed', 405, { Allow: 'GET, HEAD' });
  pages.all(LIST, notAllowed);
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

function renderList(mails: readonly MailboxEntry[]) {
  if (mails.length === 0) {
    return html`<h1>Mailbox</h1>
<p>No email yet. Register an account, then <a href="mailbox">look again</a>.</p>`;
  }
  return html`<h1>Mailbox</h1>
<p class="quiet">Emails are kept in memory until the service stops, because no <code>SMTP_URL</code> is set. <a href="mailbox">Reload</a></p>
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

function renderMail({ at, mail }: MailboxEntry) {
  const code = /^ {4}(\d{6})$/m.exec(mail.text)?.[1];
  const links = [...mail.text.matchAll(/^https?:\/\/\S+$/gm)].map(([link]) => link);
  return html`<p><a href="../mailbox">All emails</a></p>
<h1>${mail.subject}</h1>
<dl><dt>To</dt><dd>${mail.to}</dd><dt>Time</dt><dd>${renderTime(at)}</dd></dl>
${code === undefined ? '' : html`<h2>Code</h2><p class="code" id="code">${code}</p>`}
${links.map((link) => html`<h2>Link</h2><p><a class="mail-link" href="${link}">${link}</a></p>`)}
<h2>Text</h2>
<pre>${mail.text}</pre>
<h2>HTML</h2>
<iframe sandbox="" title="HTML part of the email" srcdoc="${mail.html}"></iframe>`;
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
