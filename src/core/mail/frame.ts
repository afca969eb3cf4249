/** The words that all emails share, in the languages we write. */
import type { Locale } from '#core/locale.ts';

/** The words around the text of every email. */
export type Frame = {
  hello: (name: string) => string;
  noName: string;
  /** After the label of a link in the text part. */
  colon: string;
  copyLink: string;
  footer: string;
  help: (address: string) => string;
};

export const FRAMES: Record<Locale, Frame> = {
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
