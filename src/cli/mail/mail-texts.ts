/** The texts of emails, for an operator who brands or translates them: `latchkey mail preview` and `templates`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNameOf } from '#config/brand/brand-settings.ts';
import type { Config } from '#config/config.ts';
import { DEFAULT_LOCALE, LOCALES, parseLocale } from '#core/locale.ts';
import { FRAMES } from '#core/mail/frame.ts';
import { type Addressee, type Mail, standaloneHtml } from '#core/mail/mail.ts';
import { MAIL_NAMES, suitsMethods } from '#core/mail/mail-values.ts';
import { FRAME_NAME, printFrame } from '#core/mail/templates/frame-file.ts';
import { type MailTemplates, readTemplates } from '#core/mail/templates/mail-templates.ts';
import { printTemplate } from '#core/mail/templates/print-template.ts';
import { OperatorError } from '#errors/operator-error.ts';
import { readTemplateFiles } from '#outside/template-files.ts';
import { SAMPLE_MAILS } from '../../jobs/sample-mails.ts';
import { command } from '../command.ts';
import { settingsOf } from '../settings.ts';
import { say } from '../terminal.ts';
import { previewPage } from './mail-preview-page.ts';

export const mailPreview = command({
  name: 'mail preview',
  summary: 'write every email as an HTML file, with sample values, in all languages',
  words: ['FOLDER'],
  details: `
With your brand and the texts in TEMPLATES_DIR, as they would be sent. Open FOLDER/index.html: it shows each email at 600
and 320 pixels. Nothing is sent, and no database is needed.`,
  run: async ({ terminal, words: [folder = ''] }) => {
    const config = settingsOf(terminal);
    const templates = readTemplates(readTemplateFiles(config.templatesDir));
    const mails = templates.languages
      .flatMap((language) => samplesIn(language, config, templates))
      .filter(({ mail }) => suitsMethods(mail.name, config.signInMethods));
    writeFiles(folder, [
      ...mails.map(({ file, mail }) => [file, standaloneHtml(mail)] as const),
      ['index.html', previewPage(mails)],
    ]);
    say(terminal, `Emails: ${mails.length}. Open ${join(folder, 'index.html')}.`);
    return 0;
  },
});

export const mailTemplates = command({
  name: 'mail templates',
  summary: 'write our texts of all emails as templates, for TEMPLATES_DIR',
  words: ['FOLDER'],
  options: { language: { type: 'string', value: 'LANGUAGE', help: 'of the texts: en (default), de, es or fr' } },
  details: `
Keep the files that you change, and delete the others: an email without a file has our text, also after an update. For a
language of yours, rename the files (verify-email.en.txt to verify-email.it.txt) and translate them. Files that are in the
folder already stay as they are, and stop the command.`,
  run: async ({ terminal, options, words: [folder = ''] }) => {
    const locale = parseLocale(options.language ?? DEFAULT_LOCALE);
    if (locale === null) throw new OperatorError(`There are texts in ${LOCALES.join(', ')}.`);
    const config = { ...settingsOf(terminal), brand: NO_BRAND };
    const mails = samplesIn(locale, config, readTemplates([]));
    const files = mails.map(({ mail }) => [`${mail.name}.${locale}.txt`, printTemplate(mail, locale)] as const);
    writeFiles(folder, [...files, [`${FRAME_NAME}.${locale}.txt`, printFrame(FRAMES[locale])]], 'wx');
    say(terminal, `Templates: ${files.length + 1}, in ${folder}.`);
    return 0;
  },
});

const NO_BRAND = { name: null, appUrl: null, supportEmail: null, color: null, logo: null };

type SampleConfig = Pick<Config, 'publicUrl' | 'pageUrls' | 'brand' | 'signInMethods'>;

function samplesIn(language: string, config: SampleConfig, templates: MailTemplates): { file: string; mail: Mail }[] {
  const to: Addressee = {
    to: 'ada@example.com',
    name: 'Ada Lovelace',
    locale: parseLocale(language) ?? DEFAULT_LOCALE,
    language,
    service: serviceNameOf(config),
    hasPasswords: config.signInMethods.includes('password'),
    brand: config.brand,
    templates,
  };
  return MAIL_NAMES.map((name) => ({ file: `${name}.${language}.html`, mail: SAMPLE_MAILS[name](to, config) }));
}

/** @param flag `wx` to fail where a file exists */
function writeFiles(folder: string, files: readonly (readonly [name: string, text: string])[], flag = 'w'): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of files) writeFileSync(join(folder, name), text, { flag });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    throw new OperatorError(`Cannot write ${path ?? folder} (${code}).`);
  }
}
