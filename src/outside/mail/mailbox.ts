/** The development mailbox: keeps emails in memory instead of sending them, for people who try the service. */
import type { Mail } from '#core/mail/mail.ts';

export type MailboxEntry = { id: string; at: Date; mail: Mail };

export type Mailbox = {
  /** The host of the service, under which it can be read besides this machine and IP addresses. */
  site: string;
  /** Newest first. */
  list: () => readonly MailboxEntry[];
  find: (id: string) => MailboxEntry | null;
  /** Keeps an email and drops the oldest beyond the limit. */
  add: (mail: Mail, at: Date) => MailboxEntry;
};

const MAX_MAILS = 200;

export function createMailbox(site: string): Mailbox {
  const mails: MailboxEntry[] = [];
  let count = 0;
  return {
    site,
    list: () => mails,
    find: (id) => mails.find((received) => received.id === id) ?? null,
    add: (mail, at) => {
      count += 1;
      const received = { id: String(count), at, mail };
      mails.unshift(received);
      mails.length = Math.min(mails.length, MAX_MAILS);
      return received;
    },
  };
}
