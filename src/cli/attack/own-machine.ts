/** Attacks go only to the machine they run on, unless the operator says that another one is theirs. */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { isLoopback } from '#config/loopback.ts';
import { UsageError } from '../command.ts';

/** Fails with UsageError if the host is somewhere else and `owned` does not name it. */
export async function requireOwnMachine({ hostname }: URL, owned: string | undefined): Promise<void> {
  if (owned === hostname) return;
  const host = hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(host, { all: true }).catch(() => {
    throw new UsageError(`${host} has no address.`);
  });
  const own = new Set(Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address)));
  if (found.every(({ address }) => isLoopback(address) || own.has(address))) return;
  throw new UsageError(
    `${host} is another machine. Attack only what you run. If it is yours, add \`--i-own-this ${hostname}\`.`,
  );
}
