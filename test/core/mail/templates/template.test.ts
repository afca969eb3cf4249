import { describe, expect, test } from 'vitest';
import { passwordChangedEmail } from '#capabilities/reset-password/password-changed.email.ts';
import { verifyEmailEmail } from '#capabilities/verify-email/verify-email.email.ts';
import { LOCALES, type Locale } from '#core/locale.ts';
import { FRAMES } from '#core/mail/frame.ts';
import type { Addressee } from '#core/mail/mail.ts';
import { MAIL_NAMES, type MailName } from '#core/mail/mail-values.ts';
import { printFrame } from '#core/mail/templates/frame-file.ts';
import { readTemplates } from '#core/mail/templates/mail-templates.ts';
import { printTemplate } from '#core/mail/templates/print-template.ts';
import { SAMPLE_MAILS } from '../../../../src/jobs/sample-mails.ts';

const AT = new Date('2030-03-04T05:06:07Z');
const PLACE = { publicUrl: 'https://auth.example.test', pageUrls: {} };
const addressee = (locale: Locale): Addressee => ({
  to: 'ada@example.test',
  name: 'Zoë',
  locale,
  service: 'Acme',
});
const sample = (name: MailName, to: Addressee) => SAMPLE_MAILS[name](to, PLACE);
const using = (name: string, text: string) => readTemplates([{ name, text }]);
const problemsOf = (files: { name: string; text: string | null }[]) => {
  try {
    readTemplates(files);
  } catch (error) {
    return (error as Error).message.split('\n  ').slice(1);
  }
  return [];
};

describe.each(LOCALES)('our texts as templates, in %s', (locale) => {
  test.each(MAIL_NAMES)('%s: the template that is printed writes the same email', (name) => {
    const ours = sample(name, addressee(locale));
    const printed = printTemplate(ours, locale);
    const templates = using(`${name}.${locale}.txt`, printed);
    const theirs = sample(name, { ...addressee(locale), templates });
    expect(theirs.subject).toBe(ours.subject);
    expect(theirs.text).toBe(ours.text);
    expect(theirs.html).toBe(ours.html);
    expect(templates.find(name, locale)).not.toBeNull();
  });

  test('the words that all emails share are the same', () => {
    const to = addressee(locale);
    const brand = { name: 'Acme', appUrl: null, supportEmail: 'help@acme.test', color: null, logo: null };
    const templates = using(`frame.${locale}.txt`, printFrame(FRAMES[locale]));
    expect(sample('verify-email', { ...to, brand, templates }).html).toBe(
      sample('verify-email', { ...to, brand }).html,
    );
  });
});

const GOOD = `Subject: {service}: {code}

Ciao!

| Nome | {accountName}
| Utente | {username}
| Quando | {registeredAt}
| Dispositivo | {device} ({ipAddress})

{code}

[Conferma]({link})

> Non sei stato tu?

[Rimuovi]({rejectLink})
`;
const ITALIAN_FRAME = `# Italiano
hello: Ciao {name},
hello-without-name: Ciao,
copy-link: Copia questo link:
footer: Messaggio automatico.
help: Domande? Scrivi a {address}.
`;

describe('a template', () => {
  const italian = readTemplates([
    { name: 'frame.it.txt', text: ITALIAN_FRAME },
    { name: 'verify-email.it.txt', text: GOOD.replaceAll('\n', '\r\n') },
    { name: 'README.md', text: 'Anything.' },
  ]);
  const to = { ...addressee('en'), language: 'it', templates: italian };

  test('adds a language, with its own words and dates; an email without a template is ours, as a whole', () => {
    expect(italian.languages).toEqual([...LOCALES, 'it']);
    const mail = sample('verify-email', to);
    expect(mail.subject).toBe('Acme: 123456');
    expect(mail.text).toMatch(
      /^Ciao Zoë,\n\nCiao!\n\nNome: Ada Lovelace\nUtente: ada1815\nQuando: 4 marzo 2030 alle ore 05:06 UTC\n/,
    );
    expect(mail.html).toContain('<html lang="it" dir="ltr">');
    expect(mail.html).toContain('Copia questo link:');
    expect(mail.text).toContain('lang=it');
    const ours = sample('address-in-use', to);
    expect(ours.text).toBe(sample('address-in-use', addressee('en')).text);
    expect(ours.html).toContain('<html lang="en"');
  });

  test('shows values as text, whatever they contain, and names as nothing that could be followed', () => {
    const invitation =
      'Subject: Hi\n\n{inviter} <b>invites</b> you to {organization}.\n\n{code}\n\n[<i>Go</i>]({link})';
    const templates = using('invitation.en.txt', invitation);
    const hostile = { ...addressee('en'), templates, service: '<script>alert(1)</script>' };
    const { html, text, values } = sample('invitation', hostile);
    expect(values).toMatchObject({ inviter: 'Grace Hopper' });
    expect(html).toContain('&lt;b&gt;invites&lt;/b&gt;');
    expect(html).toContain('&lt;i&gt;Go&lt;/i&gt;');
    expect(html).not.toMatch(/<b>|<i>|<script/);
    expect(text).toContain('Grace Hopper <b>invites</b> you');
  });

  test('leaves out what has no value this time: a row, a code that has expired, a warning about nobody', () => {
    const templates = readTemplates([
      { name: 'verify-email.en.txt', text: `${GOOD}\nIl codice vale {codeTime}.\n` },
      {
        name: 'password-reset.en.txt',
        text: 'Subject: New password\n\nOn {at}.\n\n> Until {formerUntil}, {formerAddress} can undo it.',
      },
    ]);
    const reader = { ...addressee('en'), templates };
    const facts = { accountName: 'Ada', username: null, registeredAt: AT, device: null, ipAddress: '203.0.113.x' };
    const write = (codeMinutes: number) =>
      verifyEmailEmail({
        ...reader,
        code: '123456',
        link: 'https://auth.example.test/a',
        rejectLink: 'https://auth.example.test/b',
        linkHours: 24,
        codeMinutes,
        account: { origin: 'registered', note: null, rows: [], facts },
      });
    const [fresh, late] = [write(10), write(0)];
    expect(fresh.text).toContain('Il codice vale 10 minutes.');
    expect(`${late.subject}${late.text}`).not.toMatch(/123456|Il codice|Utente/);
    expect(late.subject).toBe('Confirm your email address');
    expect(late.text).toContain('Dispositivo: — (203.0.113.x)');
    const former = ['a***@x.test', 'b***@x.test'].map((address) => ({ address, until: AT, warning: '' }));
    const warned = (count: number) =>
      passwordChangedEmail({ ...reader, at: AT, signedOut: 'everywhere', former: former.slice(0, count) }).text;
    expect(warned(2).match(/^Until .*, [ab]\*\*\*@x\.test can undo it\.$/gm)).toHaveLength(2);
    expect(warned(0)).not.toContain('Until');
  });

  test.each([
    ['verify-mail.en.txt', GOOD, /^verify-mail\.en\.txt:1: there is no email "verify-mail"; there are verify-email, /],
    ['verify-email.english.txt', GOOD, /:1: must be called EMAIL\.LANGUAGE\.txt/],
    ['verify-email.en.html', GOOD, /:1: must be called EMAIL\.LANGUAGE\.txt/],
    ['verify-email.en.txt', null, /:1: must be text in UTF-8, of at most 64 kB$/],
    ['verify-email.en.txt', '', /:1: must begin with one line `Subject: …`/],
    ['verify-email.en.txt', `# x\n\n${GOOD.replace('Subject: ', '')}`, /:3: must begin with one line `Subject: …`/],
    [
      'verify-email.en.txt',
      GOOD.replace('Ciao!', 'Ciao {nome}!'),
      /:3: \{nome\} is not a value of this email; it has \{service\}, \{code\}, /,
    ],
    ['verify-email.en.txt', GOOD.replace('Ciao!', 'Ciao { nome }!'), /:3: has a \{ or \} that is not part of a value/],
    ['verify-email.en.txt', GOOD.replace('{username}', '{user}'), /:5: \{user\} is not a value/],
    ['verify-email.en.txt', GOOD.replace('\n{code}\n', ''), /:1: must show \{code\}$/],
    ['verify-email.en.txt', GOOD.replace('[Conferma]({link})', ''), /:1: must show \[Words\]\(\{link\}\)$/],
    ['verify-email.en.txt', GOOD.replace('[Rimuovi]({rejectLink})', ''), /:1: must show \[Words\]\(\{rejectLink\}\)$/],
    [
      'verify-email.en.txt',
      GOOD.replace('[Conferma]({link})', 'Vai a {link}'),
      /:12: \{link\} is a link: write `\[Words\]\(\{link\}\)`$/,
    ],
    ['verify-email.en.txt', GOOD.replace('[Conferma]({link})', '[Conferma]({code})'), /:12: \{code\} is not a link$/],
    ['verify-email.en.txt', GOOD.replace('[Conferma]', '[Conferma'), /:12: a button is a paragraph/],
    ['verify-email.en.txt', GOOD.replace('Ciao!', '{code}!'), /:3: \{code\} must be a paragraph of its own$/],
    ['verify-email.en.txt', GOOD.replace('| Utente |', 'Utente:'), /:5: in a list, every line must begin with \|$/],
    [
      'verify-email.en.txt',
      GOOD.replace('Subject: ', 'Subject: {accountName} '),
      /:1: \{accountName\} must not be in the subject: strangers can choose it$/,
    ],
    [
      'sign-in-with-email.en.txt',
      'Subject: {code}\n\n{code}\n\n[Go]({link})',
      /:1: \{code\} must not be in the subject: lock screens show it$/,
    ],
    [
      'reset-password.en.txt',
      'Subject: New\n\n{code}\n\n[Go]({link})',
      /:1: must show \{formerAddress\}, \{formerUntil\}$/,
    ],
    ['frame.en.txt', 'hello: Hi {nmae},', /:1: hello must have \{name\} once, and no other value$/],
    [
      'frame.en.txt',
      ITALIAN_FRAME.replace('footer:', 'foot:'),
      /:5: must be one of hello, hello-without-name, colon, /,
    ],
  ])('%s is refused with its line: %#', (name, text, problem) => {
    expect(problemsOf([{ name, text }])).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
  });

  test('a language of their own needs the words that all emails share; every mistake is reported at once', () => {
    const problems = problemsOf([
      { name: 'address-in-use.it.txt', text: 'Subject: Ciao\n\nCiao.' },
      { name: 'nonsense.txt', text: '' },
    ]);
    expect(problems).toEqual([
      'nonsense.txt:1: must be called EMAIL.LANGUAGE.txt, such as verify-email.en.txt',
      'frame.it.txt:1: is missing: a language that you add needs the words that all emails share',
    ]);
  });
});
