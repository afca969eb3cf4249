/** Settings that are URLs with a password. Error messages never quote any part of them. */
import type { Environment } from './environment.ts';
import type { Variable } from './settings.ts';

const MUST_ENCODE =
  'is not a valid URL: percent-encode special characters in the user name and password, for example # as %23, / as %2F, ? as %3F, @ as %40, % as %25';

/**
 * A URL that may contain a password.
 * @param eachOf the URLs that one text stands for, where it may name several hosts; each of them has to be valid
 */
export function urlWithPassword(
  env: Environment,
  variable: Variable,
  schemes: readonly string[],
  eachOf: (value: string) => readonly string[] = (value) => [value],
): string | undefined {
  const value = env.text(variable);
  if (value === undefined) return undefined;
  const problem = urlProblem(value, schemes, eachOf);
  if (problem === null) return value;
  env.problem(variable, problem);
  return undefined;
}

/** What is wrong with a URL that may contain a password, without any part of it; null if nothing is. */
export function urlProblem(
  value: string,
  schemes: readonly string[],
  eachOf: (value: string) => readonly string[],
): string | null {
  const scheme = /^([a-z]+):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined || !schemes.includes(scheme)) {
    return `must be a URL that starts with ${schemes.map((it) => `${it}://`).join(' or ')}`;
  }
  return eachOf(value).every((each) => URL.canParse(each) && !isMisread(each)) ? null : MUST_ENCODE;
}

/**
 * Whether an unencoded special character cuts the password short: / ? or # ends the part before the host, so the @
 * comes after it. A percent sign must start a percent-encoded character.
 */
function isMisread(value: string): boolean {
  const { username, password } = new URL(value);
  const isCut = value.includes('#') || /^[^:]*:\/\/[^/?]*[/?].*@/s.test(value);
  return isCut || !isDecodable(username) || !isDecodable(password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
