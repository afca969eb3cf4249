/**
 * Finds the accounts of people who sign in. Those who are looked for in one turn of the event loop are found by one
 * statement. An identifier that nobody has is looked for in the same way, so it takes the same time.
 */
import { isKnownDevice, knownSince } from '#core/devices/device-life.ts';
import type { PresentedDevice } from '#core/devices/device-token.ts';
import type { Identifier } from '#core/input/identifier.ts';
import { USER_COLUMNS } from '#core/sessions/session-columns.ts';
import { together } from '#core/together.ts';
import type { User } from '#generated/prisma/client.ts';
import type { Clock } from '#outside/clock.ts';
import type { Database } from '#outside/database.ts';
import type { Tracing } from '#outside/telemetry/tracing.ts';

/** The user, and whether the device of a token is known to the account. */
export type FoundAccount = { user: User | null; isKnownDevice: boolean };

export type AccountFinder = {
  find: (identifier: Identifier, presented: PresentedDevice | null) => Promise<FoundAccount>;
};

type Asked = { identifier: string; presented: PresentedDevice | null };

const NOBODY: FoundAccount = { user: null, isKnownDevice: false };

const IS_KNOWN = isKnownDevice({ userId: 'u.id', id: 'asked.device_id', generation: 'asked.generation', since: '$4' });

const findBy = (column: string) => ({
  name: `find-users-by-${column}`,
  text: `
    SELECT ${USER_COLUMNS}, asked.at::int, EXISTS (SELECT 1 FROM devices d WHERE ${IS_KNOWN}) AS "isKnownDevice"
      FROM unnest($1::text[], $2::uuid[], $3::int[]) WITH ORDINALITY AS asked (identifier, device_id, generation, at)
      JOIN users u ON u.${column} = asked.identifier`,
});

export function createAccountFinder({
  database,
  clock,
  tracing,
}: {
  database: Pick<Database, 'query'>;
  clock: Clock;
  tracing: Tracing | null;
}): AccountFinder {
  const finding = (column: Identifier['kind']) => {
    const statement = findBy(column);
    const answer = async (asked: readonly Asked[]) => {
      const rows = await database.query<User & { at: number; isKnownDevice: boolean }>(statement, [
        asked.map(({ identifier }) => identifier),
        asked.map(({ presented }) => presented?.id ?? null),
        asked.map(({ presented }) => presented?.generation ?? 0),
        knownSince(clock()),
      ]);
      const found = new Map(
        rows.map(({ at, isKnownDevice: isKnown, ...user }) => [at, { user, isKnownDevice: isKnown }]),
      );
      return asked.map((_, at) => found.get(at + 1) ?? NOBODY);
    };
    return together({ answer, tracing, name: statement.name });
  };
  const findIn = { email: finding('email'), username: finding('username'), phone: finding('phone') };
  return { find: ({ kind, value }, presented) => findIn[kind]({ identifier: value, presented }) };
}
