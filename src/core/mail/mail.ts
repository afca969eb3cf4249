/**
 * What every email has in common: one layout with a text part and an HTML part, in the reader's language.
 *
 * Anyone can register someone else's address and choose the name that its owner then reads in our email. So names are
 * shown as text that no mail client turns into a link (`displayName`). Subjects contain neither names nor codes,
 * because they appear on lock screens.
 */
import type { Brand, PageUrls } from '#config/brand-settings.ts';
import { brandColors } from '#core/brand-color.ts';
import type { Locale } from '#core/locale.ts';
import type { EmailedPurpose } from '#core/proofs/proof.ts';

/** An email ready to be sent: one recipient, both parts. */
export type Mail = { to: string; subject: string; text: string; html: string };

/** The recipient of an email, and in whose name it is sent. */
export type Addressee = {
  to: string;
  /** As the person entered it; `composeMail` makes it harmless. */
  name: string;
  locale: Locale;
  /** What texts call the service: see `serviceNameOf`. */
  service: string;
  brand?: Brand | undefined;
};

/**
 * A block of an email's body: a paragraph, one that nobody should miss, labels with values, a code to type, or a link
 * that is shown as a button and in full. A button that few readers need is less prominent.
 */
export type MailBlock =
  | string
  | { warning: string }
  | { rows: readonly (readonly [label: string, value: string])[] }
  | { code: string }
  | { label: string; url: string; isSecondary?: boolean };

const MAX_NAME_CODE_POINTS = 60;
/** Without APP_NAME. */
const OWN_NAME = 'Latchkey';

type Layout = {
  hello: (name: string) => string;
  noName: string;
  /** After the label of a link in the text part. */
  colon: string;
  copyLink: string;
  footer: string;
  help: (address: string) => string;
};

const LAYOUT: Record<Locale, Layout> = {
  en: {
    hello: (name) => `Hello ${name},`,
    noName: 'Hello,',
    colon: ':',
    copyLink: 'If the button does not work, copy this link into your browser:',
    footer: 'This is an automated message. Please do not reply.',
    help: (address) => `Questions? Write to ${address}.`,
  },
  de: {
    hello: (name) => `Guten Tag ${name},`,
    noName: 'Guten Tag,',
    colon: ':',
    copyLink: 'Falls die Schaltfläche nicht funktioniert, kopieren Sie diesen Link in Ihren Browser:',
    footer: 'Dies ist eine automatische Nachricht. Bitte antworten Sie nicht darauf.',
    help: (address) => `Fragen? Schreiben Sie an ${address}.`,
  },
  es: {
    hello: (name) => `Hola, ${name}:`,
    noName: 'Hola:',
    colon: ':',
    copyLink: 'Si el botón no funciona, copie este enlace en su navegador:',
    footer: 'Este es un mensaje automático. Por favor, no responda.',
    help: (address) => `¿Tiene alguna pregunta? Escriba a ${address}.`,
  },
  fr: {
    hello: (name) => `Bonjour ${name},`,
    noName: 'Bonjour,',
    colon: '\u00a0:',
    copyLink: 'Si le bouton ne fonctionne pas, copiez ce lien dans votre navigateur\u00a0:',
    footer: 'Ce message est automatique. Merci de ne pas y répondre.',
    help: (address) => `Une question\u00a0? Écrivez à ${address}.`,
  },
};

/** Builds both parts of an email from the same blocks, so that they say the same. */
export function composeMail(to: Addressee, plainSubject: string, blocks: readonly MailBlock[]): Mail {
  const { name, locale, brand } = to;
  const subject = brand?.name ? `${brand.name}: ${plainSubject}` : plainSubject;
  const style = styleOf(brand);
  const layout = LAYOUT[locale];
  const shownName = displayName(name);
  const hello = shownName === '' ? layout.noName : layout.hello(shownName);
  const text = [
    hello,
    ...blocks.map((block) => blockAsText(block, layout.colon)),
    `-- \n${footerOf(to, layout).join('\n')}`,
  ].join('\n\n');
  const body = [
    `<p style="${STYLE.paragraph}">${escapeHtml(hello)}</p>`,
    ...blocks.map((block) => blockAsHtml(block, layout, style)),
  ].join('\n');
  const html = `<!doctype html>
<html lang="${locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${escapeHtml(subject)}</title>
<style>${darkModeOf(brand)}</style>
</head>
<body class="page" style="${STYLE.page}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px">${headingOf(brand)}<tr><td class="card" style="${STYLE.card}">
${body}
</td></tr><tr><td class="quiet" style="${STYLE.footer}">${footerOf(to, layout).map(escapeHtml).join('<br>')}</td></tr></table>
</td></tr></table>
</body>
</html>
`;
  return { to: to.to, subject, text: `${text}\n`, html };
}

/** A page of this service that emails link to. */
export type MailedPage = EmailedPurpose | 'accept-invitation' | 'reject-registration';

/**
 * The link of an email: to a page of the operator's front end, if they named one, or else to ours. For theirs, the
 * token is in the fragment, which browsers do not send: neither a log nor a Referer header contains it.
 */
export function linkTo({ publicUrl, pageUrls }: LinkTargets, page: MailedPage, token: string, locale: Locale): string {
  const own = pageUrls[page];
  return own === undefined ? mailedLink(publicUrl, page, token, locale) : `${own}#token=${token}&lang=${locale}`;
}

/** Where links lead. */
type LinkTargets = { publicUrl: string; pageUrls: PageUrls };

/** The URL of one of our pages. It starts with PUBLIC_URL, never with anything taken from a request. */
export function mailedLink(publicUrl: string, page: MailedPage, token: string, locale: Locale): string {
  return `${publicUrl}/${page}?token=${encodeURIComponent(token)}&lang=${locale}`;
}

/**
 * A name that mail clients show as plain text. Removes control and direction characters and whatever mail clients turn
 * into links: slashes, `@`, colons, a dot between two words, and digits if there are enough for a phone number.
 * `J.R.R. Tolkien` becomes `J. R. R. Tolkien`; `http://evil.example` becomes `http evil. example`.
 */
export function displayName(name: string): string {
  const known = name
    .toWellFormed()
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '');
  const isTelephoneNumber = (known.match(/\p{Nd}/gu) ?? []).length >= 7;
  const plain = (isTelephoneNumber ? known.replace(/[\p{Nd}()+-]/gu, ' ') : known)
    // NFKC has already turned look-alike dots into ASCII dots; the ideographic full stop separates labels too (UTS 46).
    .replace(/[.\u3002]/g, '. ')
    .replace(/[\p{C}\p{Zl}\p{Zp}@/\\:<>[\]{}|=?#%"`^]/gu, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll(' .', '.')
    .trim();
  const characters = [...plain];
  if (characters.length <= MAX_NAME_CODE_POINTS) return plain;
  return `${characters.slice(0, MAX_NAME_CODE_POINTS).join('').trim()}…`;
}

/** Masks an email address for the log: `jane@example.com` becomes `j***@example.com`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return at > 0 ? `${[...address][0] ?? ''}***${address.slice(at)}` : '***';
}

/** The name above the card: an email that names no service looks like phishing. */
function headingOf(brand: Brand | undefined): string {
  const name = escapeHtml(brand?.name ?? OWN_NAME);
  return `<tr><td class="quiet" style="${STYLE.heading}">${name}</td></tr>`;
}

/** Who sent it, and where to ask. */
function footerOf({ brand }: Addressee, layout: Layout): string[] {
  const sender = [brand?.name ?? OWN_NAME, ...(brand?.appUrl ? [brand.appUrl] : [])].join(' · ');
  return [layout.footer, ...(brand?.supportEmail ? [layout.help(brand.supportEmail)] : []), sender];
}

type BrandedStyle = Record<'button' | 'secondary' | 'link', string>;

function styleOf(brand: Brand | undefined): BrandedStyle {
  if (!brand?.color) return STYLE;
  const { color, onColor, light } = brandColors(brand.color);
  return {
    button: STYLE.button.replace('#3730a3', color).replace('#ffffff', onColor),
    secondary: STYLE.secondary.replaceAll('#3730a3', light),
    link: STYLE.link.replace('#3730a3', light),
  };
}

function darkModeOf(brand: Brand | undefined): string {
  if (!brand?.color) return DARK_MODE;
  const { color, onColor, dark } = brandColors(brand.color);
  return DARK_MODE.replace('#4f46e5!important;color:#ffffff', `${color}!important;color:${onColor}`).replace(
    '.link{color:#c7d2fe',
    `.link{color:${dark}`,
  );
}

function blockAsText(block: MailBlock, colon: string): string {
  if (typeof block === 'string') return block;
  if ('warning' in block) return block.warning;
  if ('rows' in block) return block.rows.map(([label, value]) => `${label}${colon} ${value}`).join('\n');
  if ('code' in block) return `    ${block.code}`;
  return `${block.label}${colon}\n${block.url}`;
}

function blockAsHtml(block: MailBlock, { copyLink, colon }: Layout, style: BrandedStyle): string {
  if (typeof block === 'string') return `<p style="${STYLE.paragraph}">${escapeHtml(block)}</p>`;
  if ('warning' in block) return `<p class="warning" style="${STYLE.warning}">${escapeHtml(block.warning)}</p>`;
  if ('rows' in block) {
    const rows = block.rows.map(
      ([label, value]) =>
        `<tr><td class="quiet" style="${STYLE.label}">${escapeHtml(label + colon)}</td><td style="${STYLE.value}">${escapeHtml(value)}</td></tr>`,
    );
    return `<table cellpadding="0" cellspacing="0" border="0" style="${STYLE.rows}">${rows.join('\n')}</table>`;
  }
  if ('code' in block) return `<p class="code" style="${STYLE.code}">${escapeHtml(block.code)}</p>`;
  const url = escapeHtml(block.url);
  const [kind, look] = block.isSecondary ? ['secondary', style.secondary] : ['button', style.button];
  return `<p style="${STYLE.paragraph}"><a class="${kind}" href="${url}" style="${look}">${escapeHtml(block.label)}</a></p>
<p class="quiet" style="${STYLE.small}">${escapeHtml(copyLink)}<br><a class="link" href="${url}" style="${style.link}">${url}</a></p>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/** Inline, because many clients drop style sheets. Every pair of colors has a contrast of at least 4.5 (WCAG 1.4.3). */
const STYLE = {
  page: `margin:0;padding:0;background-color:#f3f4f6;color:#1f2937;${FONT}`,
  card: `background-color:#ffffff;color:#1f2937;border-radius:12px;padding:32px 28px;${FONT};font-size:16px;line-height:1.5`,
  paragraph: 'margin:0 0 16px',
  warning:
    'margin:0 0 16px;padding:12px 16px;border-left:4px solid #b91c1c;border-radius:4px;background-color:#fef2f2;color:#1f2937;font-weight:600',
  code: 'margin:0 0 16px;padding:16px;border-radius:8px;background-color:#eef2ff;color:#1e1b4b;text-align:center;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:32px;font-weight:700;letter-spacing:6px',
  button:
    'display:inline-block;padding:12px 24px;border-radius:8px;background-color:#3730a3;color:#ffffff;font-weight:600;text-decoration:none',
  secondary:
    'display:inline-block;padding:11px 23px;border:1px solid #3730a3;border-radius:8px;color:#3730a3;font-weight:600;text-decoration:none',
  rows: 'margin:0 0 16px;border-collapse:collapse;font-size:16px;line-height:1.5',
  label: 'padding:0 12px 4px 0;vertical-align:top;color:#4b5563',
  value: 'padding:0 0 4px;vertical-align:top;word-break:break-word',
  heading: `padding:0 28px 12px;font-size:14px;font-weight:700;color:#4b5563;${FONT}`,
  small: 'margin:0 0 16px;font-size:14px;color:#4b5563',
  link: 'color:#3730a3;word-break:break-all',
  footer: `padding:16px 28px;font-size:13px;color:#4b5563;${FONT}`,
} as const;

const DARK_MODE = `:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background-color:#111827!important}
.card{background-color:#1f2937!important;color:#f3f4f6!important}
.warning{background-color:#3b1d24!important;border-color:#fca5a5!important;color:#f3f4f6!important}
.code{background-color:#312e81!important;color:#eef2ff!important}
.button{background-color:#4f46e5!important;color:#ffffff!important}
.secondary{border-color:#c7d2fe!important;color:#c7d2fe!important}
.quiet{color:#c3c9d4!important}
.link{color:#c7d2fe!important}
}`;
