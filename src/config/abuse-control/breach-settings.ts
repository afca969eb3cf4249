/** The check of new passwords against those that are known from data breaches. */
import type { Environment } from '../environment.ts';
import { isLoopback } from '../loopback.ts';

/** `url`: what the first five digits of a hash are appended to; it ends with a slash. */
export type BreachCheckConfig = { url: string };

const PWNED_PASSWORDS = 'https://api.pwnedpasswords.com/range/';

/** Null if new passwords are compared with the lists of the service only. */
export function breachCheckOf(env: Environment, isProduction: boolean): BreachCheckConfig | null {
  const isOn = env.oneOf('BREACH_CHECK', 'off', ['on', 'off']) === 'on';
  const given = env.url('BREACH_CHECK_URL', ['https:', 'http:']);
  if (given === undefined) return isOn ? { url: PWNED_PASSWORDS } : null;
  if (!isOn) env.problem('BREACH_CHECK_URL', 'needs BREACH_CHECK=on');
  const { protocol, hostname, username, password } = new URL(given);
  if (/[?#]/.test(given)) env.problem('BREACH_CHECK_URL', 'must not have a query or fragment');
  if (username !== '' || password !== '') env.problem('BREACH_CHECK_URL', 'must not contain a user name or password');
  if (isProduction && protocol === 'http:' && !isLoopback(hostname)) {
    env.problem('BREACH_CHECK_URL', 'must start with https:// in production: part of a hash is sent there');
  }
  return isOn ? { url: given.replace(/\/*$/, '/') } : null;
}
