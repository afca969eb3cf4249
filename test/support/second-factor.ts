/** Someone with an authenticator app, whose codes are computed here once more, from RFC 6238. */
import { createHmac } from 'node:crypto';
import {
  ConfirmLoginDocument,
  type ConfirmLoginInput,
  ConfirmTotpSetupDocument,
  LoginDocument,
  StartTotpSetupDocument,
} from '../generated/graphql.ts';
import { type Latchkey, PASSWORD, type Person, type Sending } from './latchkey.ts';

const STEP_SECONDS = 30;

/** An app that shows the codes of one secret, on a phone whose clock may be wrong. */
export type App = {
  /** The code that it shows now, or `steps` later. */
  code: (steps?: number) => string;
};

export type Protected = Person & { app: App; secret: string; factorId: string; recoveryCodes: string[] };

/** The code of a secret in base32 (RFC 4648) at a moment: RFC 6238, with SHA-1, six digits, and 30 seconds. */
export function totpAt(secret: string, moment: Date, steps = 0): string {
  const bits = [...secret].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(moment.getTime() / 1000 / STEP_SECONDS) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** @param wrongBy by how many seconds the clock of the phone is ahead */
export function appOf({ app }: Latchkey, secret: string, wrongBy = 0): App {
  const now = () => new Date(app.parts.clock().getTime() + wrongBy * 1000);
  return { code: (steps = 0) => totpAt(secret, now(), steps) };
}

/** Moves the clock to the next step, so that the app shows a code that was not used. */
export function nextStep(latchkey: Latchkey): void {
  // Just past its beginning: the clock goes on while a test runs, and must not reach the step after it by chance.
  const secondsIntoStep = (latchkey.app.parts.clock().getTime() / 1000) % STEP_SECONDS;
  latchkey.advance({ seconds: STEP_SECONDS - secondsIntoStep + 0.01 });
}

/** Sets up an app for someone who is signed in; the clock is then one step further. */
export async function setUpApp(latchkey: Latchkey, person: Person, name = 'Phone', wrongBy = 0): Promise<Protected> {
  const sending = { bearer: person.accessToken };
  const { startTotpSetup } = await latchkey.ask(StartTotpSetupDocument, {}, sending);
  if (startTotpSetup.__typename !== 'StartTotpSetupSuccess') throw new Error(JSON.stringify(startTotpSetup));
  const { secret, setupToken } = startTotpSetup;
  const app = appOf(latchkey, secret, wrongBy);
  const input = { setupToken, code: app.code(), name };
  const { confirmTotpSetup } = await latchkey.ask(ConfirmTotpSetupDocument, { input }, sending);
  if (confirmTotpSetup.__typename !== 'ConfirmTotpSetupSuccess') throw new Error(JSON.stringify(confirmTotpSetup));
  nextStep(latchkey);
  const { accessToken, factor, recoveryCodes } = confirmTotpSetup;
  return { ...person, accessToken, app, secret, factorId: factor.id, recoveryCodes: recoveryCodes ?? [] };
}

export const protectedPerson = async (latchkey: Latchkey) => setUpApp(latchkey, await latchkey.person());

let networks = 0;
/** A network of its own, so that the limits of networks stay out of the way. */
export const elsewhere = (): Sending => ({ ip: `10.77.${(networks >> 8) & 255}.${networks++ & 255}` });

/** The first step of a sign-in of someone with a second factor. */
export async function challengeOf(
  latchkey: Latchkey,
  { email }: Pick<Person, 'email'>,
  { password = PASSWORD, transport }: { password?: string; transport?: 'COOKIE' } = {},
  sending: Sending = elsewhere(),
): Promise<string> {
  const input = { identifier: email, password, ...(transport && { transport }) };
  const { login } = await latchkey.ask(LoginDocument, { input }, sending);
  if (login.__typename !== 'SecondFactorRequiredError') throw new Error(JSON.stringify(login));
  return login.challengeToken;
}

export async function confirm(latchkey: Latchkey, input: ConfirmLoginInput, sending: Sending = elsewhere()) {
  return (await latchkey.ask(ConfirmLoginDocument, { input }, sending)).confirmLogin;
}
