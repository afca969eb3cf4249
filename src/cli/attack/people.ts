/** Our own accounts on the service, created with its development mailbox. */
import { setTimeout } from 'node:timers/promises';
import { at, textAt } from './attack-case.ts';
import { LOGIN, REGISTER, VERIFY } from './operations.ts';
import { Skipped } from './skipped.ts';
import type { Target } from './target.ts';

export const PASSWORD = 'correct horse battery staple 42';

export type Mail = { code: string; links: readonly string[] };
export type OwnAccount = { email: string; accessToken: string; refreshToken: string; deviceToken: string };

const TRIES = 40;
const PAUSE_MS = 50;

/** The emails to an address, newest first, when there are that many. Fails with `Skipped` without a mailbox. */
export async function mailsTo(target: Target, email: string, least: number): Promise<readonly Mail[]> {
  for (let attempt = 0; ; attempt++) {
    const { status, json } = await target.send(`/dev/mailbox.json?to=${encodeURIComponent(email)}`);
    const mails = at(json, 'mails');
    if (status !== 200 || !Array.isArray(mails)) throw new Skipped('there is no development mailbox to read emails in');
    if (mails.length >= least || attempt === TRIES) {
      return mails.map((mail: unknown) => {
        const links = at(mail, 'links');
        return { code: textAt(mail, 'code'), links: Array.isArray(links) ? links.map(String) : [] };
      });
    }
    await setTimeout(PAUSE_MS);
  }
}

/** Registers, without a look at the email. Fails with `Skipped` if the service does not let us. */
export async function register(target: Target, email: string): Promise<void> {
  const answer = await target.graphql(REGISTER, { input: { name: 'Attack Test', email, password: PASSWORD } });
  const outcome = textAt(answer.json, 'data', 'register', '__typename');
  if (outcome !== 'RegisterSuccess') throw new Skipped(`it does not register ${email} (${outcome || answer.status})`);
}

/** Someone who has registered, verified the address and signed in. */
export async function ownAccount(target: Target, label: string): Promise<OwnAccount> {
  const email = target.address(label);
  await register(target, email);
  const [mail] = await mailsTo(target, email, 1);
  await target.graphql(VERIFY, { input: { email, code: mail?.code ?? '' } });
  const answer = await target.graphql(LOGIN, { input: { identifier: email, password: PASSWORD } });
  const accessToken = textAt(answer.json, 'data', 'login', 'tokens', 'accessToken');
  const refreshToken = textAt(answer.json, 'data', 'login', 'tokens', 'refreshToken');
  const deviceToken = textAt(answer.json, 'data', 'login', 'tokens', 'deviceToken');
  if (accessToken === '') throw new Skipped('a new account could not sign in');
  return { email, accessToken, refreshToken, deviceToken };
}

/** The token at the end of the link of an email. */
export function tokenIn({ links }: Mail): string {
  return /token=([\w.~-]+)/.exec(links.find((link) => link.includes('token=')) ?? '')?.[1] ?? '';
}
