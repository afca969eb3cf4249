/** `latchkey mail preview` and `mail templates`, and a service with templates. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { LOCALES } from '#core/locale.ts';
import { MAIL_NAMES } from '#core/mail/mail-values.ts';
import {
  LoginDocument,
  RegisterDocument,
  RequestLoginDocument,
  UpdateProfileDocument,
  VerifyEmailDocument,
} from '../generated/graphql.ts';
import { runLatchkey } from '../support/command.ts';
import { PASSWORD, startLatchkey } from '../support/latchkey.ts';

const folder = mkdtempSync(join(tmpdir(), 'latchkey-texts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const folderOf = (name: string, files: Record<string, string>) => {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
};
const FRAME = `hello: Ciao {name},
hello-without-name: Ciao,
copy-link: Copia questo link:
footer: Messaggio automatico.
help: Scrivi a {address}.
`;
const SIGN_IN = 'Subject: Il tuo codice\n\nPer entrare in {service}:\n\n{code}\n\n[Entra]({link})\n';

describe('mail templates', () => {
  test('writes all of our texts, which the service takes as they are; files that exist stop it', async () => {
    const path = join(folder, 'ours');
    const first = await runLatchkey(['mail', 'templates', path, '--language', 'fr']);
    expect(first).toMatchObject({ code: 0, stdout: `Templates: ${MAIL_NAMES.length + 1}, in ${path}.\n`, stderr: '' });
    expect(readdirSync(path)).toHaveLength(MAIL_NAMES.length + 1);
    const again = await runLatchkey(['mail', 'templates', path, '--language', 'fr']);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Cannot write .*\.txt \(EEXIST\)\.\n$/) });
    const seen = await runLatchkey(['mail', 'preview', join(folder, 'seen')], { env: { TEMPLATES_DIR: path } });
    expect(seen).toMatchObject({ code: 0, stderr: '' });
    expect(await runLatchkey(['mail', 'templates', path, '--language', 'tlh'])).toMatchObject({
      code: 1,
      stderr: 'There are texts in en, de, es, fr.\n',
    });
  });
});

describe('mail preview', () => {
  test('writes every email in every language, with the brand and the templates, and an index of two widths', async () => {
    const templates = folderOf('italian', { 'frame.it.txt': FRAME, 'sign-in-with-email.it.txt': SIGN_IN });
    const out = join(folder, 'preview');
    const env = { TEMPLATES_DIR: templates, APP_NAME: 'Acme & Co', PUBLIC_URL: 'http://localhost:4000' };
    const { code, stdout } = await runLatchkey(['mail', 'preview', out], { env });
    const count = MAIL_NAMES.length * (LOCALES.length + 1);
    expect([code, stdout]).toEqual([0, `Emails: ${count}. Open ${join(out, 'index.html')}.\n`]);
    expect(readdirSync(out)).toHaveLength(count + 1);
    const index = readFileSync(join(out, 'index.html'), 'utf8');
    for (const width of [600, 320]) {
      expect(index.match(new RegExp(`<iframe sandbox loading="lazy" width="${width}"`, 'g'))).toHaveLength(count);
    }
    const italian = readFileSync(join(out, 'sign-in-with-email.it.html'), 'utf8');
    expect(italian).toContain('Per entrare in Acme &amp; Co:');
    expect(italian).toContain('<html lang="it"');
    expect(readFileSync(join(out, 'verify-email.it.html'), 'utf8')).toContain('create an account at Acme &amp; Co');
  });

  test('reads a folder as Kubernetes mounts a ConfigMap: links to a directory that has another name each time', async () => {
    const templates = folderOf('mounted/..2026_11_27_19_00_00.1', { 'sign-in-with-email.en.txt': SIGN_IN });
    const mount = dirname(templates);
    symlinkSync('..2026_11_27_19_00_00.1', join(mount, '..data'));
    symlinkSync('..data/sign-in-with-email.en.txt', join(mount, 'sign-in-with-email.en.txt'));
    const out = join(folder, 'of-configmap');
    expect(await runLatchkey(['mail', 'preview', out], { env: { TEMPLATES_DIR: mount } })).toMatchObject({ code: 0 });
    expect(readFileSync(join(out, 'sign-in-with-email.en.html'), 'utf8')).toContain('Per entrare in');
  });

  test('says file and line of what cannot be used, and writes nothing', async () => {
    const templates = folderOf('broken', { 'sign-in-with-email.en.txt': SIGN_IN.replace('{code}', '{codice}') });
    const out = join(folder, 'nothing');
    const { code, stderr } = await runLatchkey(['mail', 'preview', out], { env: { TEMPLATES_DIR: templates } });
    expect([code, stderr.split('\n')]).toEqual([
      1,
      [
        'Invalid TEMPLATES_DIR:',
        expect.stringMatching(/^ {2}sign-in-with-email\.en\.txt:5: \{codice\} is not a value of this email; it has /),
        '  sign-in-with-email.en.txt:1: must show {code}',
        '',
      ],
    ]);
    expect(readdirSync(folder)).not.toContain('nothing');
    const doctor = await runLatchkey(['doctor'], { env: { TEMPLATES_DIR: templates, DATA_DIR: join(folder, 'data') } });
    expect(doctor).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(
        'FAIL  settings       TEMPLATES_DIR sign-in-with-email.en.txt:1: must show {code}',
      ),
    });
    const missing = await runLatchkey(['mail', 'preview', out], { env: { TEMPLATES_DIR: join(folder, 'none') } });
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be read (ENOENT)') });
  });
});

describe('a service with templates', () => {
  test('speaks the language that they add, wherever a language is asked for, and its pages one of ours', async () => {
    const templates = folderOf('served', { 'frame.it.txt': FRAME, 'sign-in-with-email.it.txt': SIGN_IN });
    const latchkey = await startLatchkey({ env: { TEMPLATES_DIR: templates, APP_NAME: 'Acme' } });
    const email = latchkey.address();
    const input = { name: 'Ada', email, password: PASSWORD };
    await latchkey.ask(RegisterDocument, { input }, { headers: { 'accept-language': 'it-IT, de;q=0.8' } });
    // It has no template, so it is in English, as a whole; its link knows the language.
    const verification = await latchkey.mailTo(email);
    expect(verification.text).toMatch(/^Hello Ada,\n/);
    expect(verification.link).toMatch(/&lang=it$/);
    const { pathname, search } = new URL(verification.link ?? '');
    const page = await latchkey.fetch(`${pathname}${search}`, { headers: { 'accept-language': 'it, es;q=0.5' } });
    expect([page.status, page.headers.get('content-language')]).toEqual([200, 'es']);
    await latchkey.ask(VerifyEmailDocument, { input: { email, code: verification.code } });
    await latchkey.ask(RequestLoginDocument, { input: { email } });
    const mail = await latchkey.mailTo(email, 2);
    expect(mail.subject).toBe('Acme: Il tuo codice');
    expect(mail.text).toMatch(
      /^Ciao Ada,\n\nPer entrare in Acme:\n\n {4}\d{6}\n\nEntra:\nhttps:.*&lang=it\n\n-- \nMessaggio/,
    );
    const { login } = await latchkey.ask(LoginDocument, { input: { identifier: email, password: PASSWORD } });
    if (login.__typename !== 'LoginSuccess') throw new Error(login.__typename);
    const change = async (locale: string) =>
      (await latchkey.ask(UpdateProfileDocument, { input: { locale } }, { bearer: login.tokens.accessToken }))
        .updateProfile;
    expect(await change('it_CH')).toMatchObject({ __typename: 'UpdateProfileSuccess' });
    expect(await change('pt')).toMatchObject({
      fieldErrors: [{ message: 'The language must be one of: en, de, es, fr, it.' }],
    });
    await latchkey.close();
  });

  test('does not start with one that cannot be used', async () => {
    const templates = folderOf('refused', { 'verify-email.en.txt': 'Subject: Hi\n\nWelcome!\n' });
    await expect(startLatchkey({ env: { TEMPLATES_DIR: templates } })).rejects.toThrow(
      /^Invalid TEMPLATES_DIR:\n {2}verify-email\.en\.txt:1: must show \{code\}, \[Words\]\(\{link\}\), /,
    );
  });
});
