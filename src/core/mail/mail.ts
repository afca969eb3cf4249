/**
 * What every email has in common: one layout with a text part and an HTML part, in the reader's language.
 *
 * Anyone can register someone else's address and choose the name that its owner then reads in our email. So names are
 * shown as text that no mail client turns into a link (`displayName`). Subjects appear on lock screens: they contain no
 * name that a stranger chose, and no code that opens an account.
 */
import type { Logo } from '#config/brand/brand-logo.ts';
import type { Brand } from '#config/brand/brand-settings.ts';
import type { Locale } from '#core/locale.ts';
import { displayName } from './display-name.ts';
import { FRAMES, type Frame } from './frame.ts';
import type { MailBlock } from './mail-block.ts';
import { htmlOf } from './mail-html.ts';
import type { MailName, MailValue, ValuesOf } from './mail-values.ts';
import { fillTemplate } from './templates/fill-template.ts';
import type { MailTemplates } from './templates/mail-templates.ts';

/** An email ready to be sent: one recipient, both parts. */
export type Mail = {
  name: MailName;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** What both parts were made of. */
  blocks: readonly MailBlock[];
  values: Readonly<Record<string, MailValue>>;
  /** The image that the HTML part shows as `cid:logo`; null if there is none. */
  logo: Extract<Logo, { kind: 'file' }> | null;
};

/** The recipient of an email, and in whose name it is sent. */
export type Addressee = {
  to: string;
  /** As the person entered it; `composeMail` makes it harmless. */
  name: string;
  /** The language of our texts. */
  locale: Locale;
  /** The language of the recipient, if the operator's templates add it; otherwise `locale`. */
  language?: string | undefined;
  /** What texts call the service: see `serviceNameOf`. */
  service: string;
  /** Whether passwords sign in (SIGN_IN_METHODS); by default they do. */
  hasPasswords?: boolean | undefined;
  brand?: Brand | undefined;
  templates?: MailTemplates | undefined;
};

/** What one email says: our text, and the values with which an operator's template says it instead. */
type Content<Name extends MailName> = {
  mail: Name;
  values: ValuesOf<Name>;
  subject: string;
  blocks: readonly MailBlock[];
};

/** The name of the service if APP_NAME is not set. */
const OWN_NAME = 'Latchkey';
/** The image in the email that the HTML part names. */
const INLINE_LOGO = 'cid:logo';

/** Builds both parts of an email from the same blocks, so that they have the same content. */
export function composeMail<Name extends MailName>(to: Addressee, content: Content<Name>): Mail {
  const { brand, service } = to;
  const values: Mail['values'] = { service, ...content.values };
  const wanted = to.language ?? to.locale;
  const template = to.templates?.find(content.mail, wanted) ?? null;
  // Without a template for this email in the language, the whole email is our own: nobody wants half of it in each.
  const language = template === null ? to.locale : wanted;
  const filled = template && fillTemplate(template, { mail: content.mail, values, language });
  const plainSubject = filled?.subject ?? content.subject;
  const { blocks } = filled ?? content;
  const frame = to.templates?.frame(language) ?? FRAMES[to.locale];
  const subject = brand?.name ? `${brand.name}: ${plainSubject}` : plainSubject;
  const shownName = displayName(to.name);
  const hello = shownName === '' ? frame.noName : frame.hello(shownName);
  const footer = footerOf(to, frame);
  const text = [hello, ...blocks.map((block) => blockAsText(block, frame.colon)), `-- \n${footer.join('\n')}`].join(
    '\n\n',
  );
  const logo = inlineLogoOf(brand);
  const html = htmlOf({
    language,
    subject,
    hello,
    blocks,
    footer,
    frame,
    brand,
    heading: brand?.name ?? OWN_NAME,
    logo: brand?.logo?.kind === 'address' ? brand.logo.url : logo && INLINE_LOGO,
  });
  return { name: content.mail, to: to.to, subject, text: `${text}\n`, html, blocks, values, logo };
}

/** `744069 is your code`: in the subject of an email that confirms an address, so that nobody has to open it. */
export function codeSubject(code: string, locale: Locale): string {
  return CODE_SUBJECTS[locale](code);
}

const CODE_SUBJECTS: Record<Locale, (code: string) => string> = {
  en: (code) => `${code} is your code`,
  de: (code) => `${code} ist Ihr Code`,
  es: (code) => `${code} es su código`,
  fr: (code) => `${code} est votre code`,
};

/** The HTML part as it looks without the rest of the email: the image is in it. For pages that show emails. */
export function standaloneHtml({ html, logo }: Mail): string {
  if (logo === null) return html;
  return html.replaceAll(INLINE_LOGO, `data:${logo.type};base64,${Buffer.from(logo.bytes).toString('base64')}`);
}

/** Most mail clients show an image that comes with the email, and most show no SVG. */
function inlineLogoOf(brand: Brand | undefined): Mail['logo'] {
  const logo = brand?.logo;
  return logo?.kind === 'file' && logo.type !== 'image/svg+xml' ? logo : null;
}

/** Who sent the email, and where to ask questions. */
function footerOf({ brand }: Addressee, frame: Frame): string[] {
  const sender = [brand?.name ?? OWN_NAME, ...(brand?.appUrl ? [brand.appUrl] : [])].join(' · ');
  return [frame.footer, ...(brand?.supportEmail ? [frame.help(brand.supportEmail)] : []), sender];
}

function blockAsText(block: MailBlock, colon: string): string {
  if (typeof block === 'string') return block;
  if ('warning' in block) return block.warning;
  if ('rows' in block) return block.rows.map(([label, value]) => `${label}${colon} ${value}`).join('\n');
  if ('code' in block) return `    ${block.code}`;
  return `${block.label}${colon}\n${block.url}`;
}
