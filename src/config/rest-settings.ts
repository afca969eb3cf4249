/** Which of the documented REST APIs are served, and whether their reference is. */
import type { Environment } from './environment.ts';

/** The documented REST APIs, in the order in which they appear in lists. */
export const REST_APIS = ['connectx', 'organization', 'vault', 'token'] as const;
export type RestApiName = (typeof REST_APIS)[number];

export function restApisOf(env: Environment): readonly RestApiName[] {
  const names = env.list('REST_APIS', REST_APIS);
  if (names.join() === 'none') return [];
  for (const name of names) {
    if (REST_APIS.some((known) => known === name)) continue;
    env.problem('REST_APIS', `${JSON.stringify(name)} is not one of ${REST_APIS.join(', ')}`);
  }
  return REST_APIS.filter((name) => names.includes(name));
}

/** Without a REST API there is nothing to describe. */
export function referenceOf(env: Environment, isProduction: boolean): boolean {
  const isOn = env.oneOf('API_REFERENCE', isProduction ? 'off' : 'on', ['on', 'off']) === 'on';
  return isOn && env.list('REST_APIS', REST_APIS).join() !== 'none';
}
