/** The HTML part of an email. Every value in it is escaped here, and only here. */
import type { Brand } from '#config/brand/brand-settings.ts';
import { brandColors } from '#core/brand-color.ts';
import { directionOf } from '#core/locale.ts';
import type { Frame } from './frame.ts';
import type { MailBlock } from './mail-block.ts';

/** What `htmlOf` shows, as plain text. */
type Shown = {
  language: string;
  subject: string;
  hello: string;
  blocks: readonly MailBlock[];
  footer: readonly string[];
  frame: Frame;
  brand: Brand | undefined;
  /** The name on top, and of the logo. */
  heading: string;
  /** Where the logo is found; null if there is none that mail clients show. */
  logo: string | null;
};

export function htmlOf({ language, subject, hello, blocks, footer, frame, brand, heading, logo }: Shown): string {
  const style = styleOf(brand);
  const body = [
    `<p style="${STYLE.paragraph}">${escapeHtml(hello)}</p>`,
    ...blocks.map((block) => blockAsHtml(block, frame, style)),
  ].join('\n');
  return `<!doctype html>
<html lang="${escapeHtml(language)}" dir="${directionOf(language)}">
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
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px"><tr><td class="quiet" style="${STYLE.heading}">${headingOf(heading, logo)}</td></tr><tr><td class="card" style="${STYLE.card}">
${body}
</td></tr><tr><td class="quiet" style="${STYLE.footer}">${footer.map(escapeHtml).join('<br>')}</td></tr></table>
</td></tr></table>
</body>
</html>
`;
}

/** An email that names no service looks like phishing. Without images, a mail client shows the name of the logo. */
function headingOf(name: string, logo: string | null): string {
  if (logo === null) return escapeHtml(name);
  return `<img class="logo" src="${escapeHtml(logo)}" alt="${escapeHtml(name)}" height="40" style="${STYLE.logo}">`;
}

type BrandedStyle = Record<'button' | 'secondary' | 'link' | 'code', string>;

function styleOf(brand: Brand | undefined): BrandedStyle {
  if (!brand?.color) return STYLE;
  const { color, onColor, light } = brandColors(brand.color);
  return {
    button: STYLE.button.replace('#3730a3', color).replace('#ffffff', onColor),
    secondary: STYLE.secondary.replaceAll('#3730a3', light),
    link: STYLE.link.replace('#3730a3', light),
    // Our indigo does not go with every color.
    code: STYLE.code.replace('#eef2ff', '#f3f4f6').replace('#1e1b4b', '#111827'),
  };
}

function darkModeOf(brand: Brand | undefined): string {
  if (!brand?.color) return DARK_MODE;
  const { color, onColor, dark } = brandColors(brand.color);
  return DARK_MODE.replace('#4f46e5!important;color:#ffffff', `${color}!important;color:${onColor}`)
    .replaceAll('#c7d2fe', dark)
    .replace('#312e81', '#111827');
}

function blockAsHtml(block: MailBlock, { copyLink, colon }: Frame, style: BrandedStyle): string {
  if (typeof block === 'string') return `<p style="${STYLE.paragraph}">${escapeHtml(block)}</p>`;
  if ('warning' in block) return `<p class="warning" style="${STYLE.warning}">${escapeHtml(block.warning)}</p>`;
  if ('rows' in block) {
    const rows = block.rows.map(
      ([label, value]) =>
        `<tr><td class="quiet" style="${STYLE.label}">${escapeHtml(label + colon)}</td><td style="${STYLE.value}">${escapeHtml(value)}</td></tr>`,
    );
    return `<table cellpadding="0" cellspacing="0" border="0" style="${STYLE.rows}">${rows.join('\n')}</table>`;
  }
  if ('code' in block) return `<p class="code" style="${style.code}">${escapeHtml(block.code)}</p>`;
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
  logo: 'display:block;height:40px;width:auto;max-width:240px;border:0;font-size:18px;font-weight:700;color:#4b5563',
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
.logo{color:#c3c9d4!important;background-color:#ffffff!important;padding:6px!important;border-radius:6px!important}
.link{color:#c7d2fe!important}
}`;
