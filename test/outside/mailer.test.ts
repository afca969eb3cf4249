import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resetPasswordEmail } from '#capabilities/reset-password/reset-password.email.ts';
import { verifyEmailEmail } from '#capabilities/verify-email/verify-email.email.ts';
import { describeClaim } from '#core/accounts/claimed-account.ts';
import type { Mail } from '#core/mail/mail.ts';
import { mailedLink } from '#core/mail/mail-link.ts';
import { MailNotSentError } from '#errors/mail-not-sent-error.ts';
import { createLog } from '#outside/log.ts';
import { createMailer, type Mailer } from '#outside/mail/mailer.ts';
import { type SmtpServer, startSmtpServer } from '../support/smtp.ts';

const AT = new Date('2030-01-02T03:04:05Z');
const LINK = mailedLink('https://auth.example.test', 'verify-email', 'T0ken_'.repeat(10), 'de');
const SMTP = {
  kind: 'smtp',
  from: 'no-reply@auth.example.test',
  clientName: 'auth.example.test',
  requiresTls: false,
} as const;
const NOT_ONE_ADDRESS = [
  'a@example.com,b@example.com',
  'a@example.com, b@example.com',
  'a@example.com;b@example.com',
  'a@example.com b@example.com',
  'a@example.com\r\nBcc: b@example.com',
  'a@example.com\r\nRCPT TO:<b@example.com>',
  'a@example.com\u0000',
  'Team: a@example.com, b@example.com;',
  'Eve <b@example.com>',
  '<a@example.com>',
  '"a@example.com,b"@example.com',
  'a@example.com(b@example.com)',
  'a@[127.0.0.1]',
  'a@ex\u00e4mple.com',
  'a@example.com\u2028b@example.com',
  'root',
  '',
];

const lines: string[] = [];
const log = createLog('debug', { write: (line) => void lines.push(line) });
let smtp: SmtpServer;
let mailer: Mailer;

beforeAll(async () => {
  smtp = await startSmtpServer();
  mailer = createMailer({ ...SMTP, url: smtp.url, from: 'Latchkey <no-reply@auth.example.test>' }, () => AT, log);
});
afterEach(() => {
  smtp.mails.length = 0;
});
afterAll(async () => {
  await mailer.close();
  await smtp.close();
});

describe('by SMTP', () => {
  test('an email arrives as it was composed, with code and link', async () => {
    const mail = mailFor('zoe@example.com', 'Zoë');
    await mailer.send(mail);
    const received = await smtp.waitForMail(() => true);
    expect(received).toMatchObject({
      envelope: { from: 'no-reply@auth.example.test', to: ['zoe@example.com'] },
      to: ['zoe@example.com'],
      subject: '042137 ist Ihr Code',
      code: '042137',
      link: LINK,
      headers: { from: 'Latchkey <no-reply@auth.example.test>', 'auto-submitted': 'auto-generated' },
    });
    expect(received.text.trim()).toBe(mail.text.trim());
    expect(received.html.trim()).toBe(mail.html.trim());
    expect(received.headers['message-id']).toMatch(/^<[^\s@<>]+@auth\.example\.test>$/);
    expect(new Date(received.headers['date'] ?? '')).toEqual(AT);
    expect(received.raw).toMatch(/content-type: multipart\/alternative/i);
  });

  test('a name or a subject with line breaks adds no header and no recipient', async () => {
    const evil = 'Ada\r\nBcc: eve@example.com\r\nX-Evil: 1\r\n\r\n.\r\nMAIL FROM:<eve@example.com>';
    await mailer.send({ ...mailFor('ada@example.com', evil), subject: evil });
    const received = await smtp.waitForMail(() => true);
    expect(received.envelope.to).toEqual(['ada@example.com']);
    expect(Object.keys(received.headers)).not.toContain('bcc');
    expect(Object.keys(received.headers)).not.toContain('x-evil');
    expect(received.text).toContain('Guten Tag Ada Bcc eve example. com X-Evil 1');
    expect(smtp.mails).toHaveLength(1);
  });

  test.each(NOT_ONE_ADDRESS)('%j is refused before anything is sent', async (to) => {
    await expect(mailer.send(mailFor(to, 'Ada'))).rejects.toThrow('not a single plain email address');
    expect(smtp.mails).toEqual([]);
  });

  test('a server that is down fails the email at once, and the next one leaves when it is back', async () => {
    await mailer.send(mailFor('first@example.com', 'Ada'));
    await smtp.pause();
    const startedAt = performance.now();
    await expect(mailer.send(mailFor('lost@example.com', 'Ada'))).rejects.toThrow(MailNotSentError);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    await smtp.resume();
    await mailer.send(mailFor('later@example.com', 'Ada'));
    expect(smtp.mails.map((mail) => mail.to[0])).toEqual(['first@example.com', 'later@example.com']);
  });

  test('the error of a refused recipient does not hold the address', async () => {
    smtp.refuse('unknown@example.com');
    const error: unknown = await mailer.send(mailFor('unknown@example.com', 'Ada')).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MailNotSentError);
    const told = `${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? error.stack : ''}`;
    expect(told).toContain('u***@example.com');
    expect(told).not.toContain('unknown@example.com');
  });

  test('we give the host of PUBLIC_URL as our name, or what ?name= says', async () => {
    const said = async (url: string) => {
      const once = createMailer({ ...SMTP, url }, () => AT, log);
      await once.send(mailFor('ada@example.com', 'Ada'));
      await once.close();
      return smtp.mails.pop()?.clientName;
    };
    expect(await said(smtp.url)).toBe('auth.example.test');
    expect(await said(`${smtp.url}/?name=mta.example.test`)).toBe('mta.example.test');
  });

  test('a refusal of the recipient is final with 550, and not with 450 or without a reply', async () => {
    smtp.refuse('gone@example.com');
    smtp.refuse('later@example.com', 450);
    await expect(mailer.send(mailFor('gone@example.com', 'Ada'))).rejects.toMatchObject({ isFinal: true });
    await expect(mailer.send(mailFor('later@example.com', 'Ada'))).rejects.toMatchObject({ isFinal: false });
    await expect(mailer.send(mailFor('not one@example.com', 'Ada'))).rejects.toMatchObject({ isFinal: true });
    await smtp.pause();
    await expect(mailer.send(mailFor('ada@example.com', 'Ada'))).rejects.toMatchObject({ isFinal: false });
    await smtp.resume();
  });

  test('a server that does not like us refuses no email for good', async () => {
    smtp.refuse('sender:no-reply@auth.example.test');
    await expect(mailer.send(mailFor('ada@example.com', 'Ada'))).rejects.toMatchObject({ isFinal: false });
    smtp.accept('sender:no-reply@auth.example.test');
  });

  test('an email has the id that it is given', async () => {
    await mailer.send(mailFor('ada@example.com', 'Ada'), 'b5a7');
    const { headers } = await smtp.waitForMail(() => true);
    expect(headers['message-id']).toBe('<b5a7@auth.example.test>');
  });

  test('twenty mails at once all arrive, and closing waits for them', async () => {
    const busy = createMailer({ ...SMTP, url: smtp.url }, () => AT, log);
    const sending = Array.from({ length: 20 }, (_, i) => busy.send(mailFor(`p${i}@example.com`, 'Ada')));
    await busy.close();
    await Promise.all(sending);
    expect(new Set(smtp.mails.flatMap((mail) => mail.envelope.to)).size).toBe(20);
  });

  test('a password is not sent to another machine without TLS', async () => {
    // 0.0.0.0 reaches this machine and does not look like it.
    const url = smtp.url.replace('//127.0.0.1', '//user:secret@0.0.0.0');
    const strict = createMailer({ ...SMTP, url }, () => AT, log);
    await expect(strict.send(mailFor('ada@example.com', 'Ada'))).rejects.toThrow(/STARTTLS|TLS/);
    await strict.close();
    expect(smtp.mails).toEqual([]);
  });

  test('where TLS is required, no email leaves without it, unless the URL says so in words', async () => {
    const plain = createMailer({ ...SMTP, url: smtp.url, requiresTls: true }, () => AT, log);
    await expect(plain.send(mailFor('ada@example.com', 'Ada'))).rejects.toThrow(/STARTTLS|TLS/);
    await plain.close();
    expect(smtp.mails).toEqual([]);
    const allowed = createMailer({ ...SMTP, url: `${smtp.url}/?requireTLS=false`, requiresTls: true }, () => AT, log);
    await allowed.send(mailFor('ada@example.com', 'Ada'));
    await allowed.close();
    expect(smtp.mails).toHaveLength(1);
  });
});

describe('without a mail server', () => {
  const local = createMailer(
    { kind: 'mailbox', site: 'auth.example.test', from: 'Latchkey <no-reply@localhost>' },
    () => AT,
    log,
  );

  test('emails are kept in memory and logged without a secret or a full address', async () => {
    lines.length = 0;
    const mail = mailFor('zoe@example.com', 'Zoë');
    await local.send(mail);
    const [newest] = local.mailbox?.list() ?? [];
    expect(newest).toMatchObject({ at: AT, mail });
    expect(local.mailbox?.find(newest?.id ?? '')).toBe(newest);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      to: 'z***@example.com',
      mail: 'verify-created-account',
    });
    expect(lines[0]).not.toMatch(/zoe@|042137|T0ken|Zoë/);
  });

  test('it takes no list of recipients either, and keeps the newest 200', async () => {
    await expect(local.send(mailFor('a@example.com,b@example.com', 'Ada'))).rejects.toThrow(MailNotSentError);
    for (let i = 0; i < 205; i++) await local.send(resetMail(`p${i}@example.com`));
    const kept = local.mailbox?.list() ?? [];
    expect(kept).toHaveLength(200);
    expect(kept[0]?.mail.to).toBe('p204@example.com');
    expect(kept.at(-1)?.mail.to).toBe('p5@example.com');
  });
});

const CLAIM = { accountName: 'Ada', username: null, registeredAt: AT, device: null, ipAddress: null };

function mailFor(to: string, name: string): Mail {
  return verifyEmailEmail({
    to,
    name,
    locale: 'de',
    service: 'auth.example.test',
    code: '042137',
    link: LINK,
    rejectLink: LINK,
    codeMinutes: 10,
    linkHours: 24,
    account: describeClaim('created', CLAIM, { locale: 'de' }),
  });
}

function resetMail(to: string): Mail {
  return resetPasswordEmail({
    to,
    name: 'Ada',
    locale: 'en',
    service: 'auth.example.test',
    code: '042137',
    link: LINK,
    codeMinutes: 10,
    linkMinutes: 30,
    occasion: 'forgotten',
    former: [],
  });
}
