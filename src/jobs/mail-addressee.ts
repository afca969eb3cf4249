/** To whom an email is sent, in which language, and in whose name. */
import { serviceNameOf } from '#config/brand/brand-settings.ts';
import type { Ctx } from '#core/context.ts';
import { DEFAULT_LOCALE, type Locale, parseLocale } from '#core/locale.ts';
import type { Addressee } from '#core/mail/mail.ts';
import { isOpenMethod } from '#core/sign-in-methods.ts';
import type { User } from '#generated/prisma/client.ts';

/** The language of the recipient, and the one of our texts if there is no template in it. */
type Language = { locale: Locale; language: string };

export type Recipient = Addressee & Language;

export function addressed(ctx: Ctx, user: User): Recipient {
  return { to: user.email, name: user.name, ...languageOrDefault(ctx, user.locale), ...senderOf(ctx) };
}

/** Null if the language is unknown. */
export function languageOf({ templates }: Ctx, tag: string | undefined): Language | null {
  const language = parseLocale(tag, templates.languages);
  return language === null ? null : { language, locale: parseLocale(language) ?? DEFAULT_LOCALE };
}

export function languageOrDefault(ctx: Ctx, tag: string | undefined): Language {
  return languageOf(ctx, tag) ?? { locale: DEFAULT_LOCALE, language: DEFAULT_LOCALE };
}

export function senderOf(ctx: Ctx): Pick<Addressee, 'service' | 'hasPasswords' | 'brand' | 'templates'> {
  const { config, templates } = ctx;
  const hasPasswords = isOpenMethod(ctx, 'password');
  return { service: serviceNameOf(config), hasPasswords, brand: config.brand, templates };
}
