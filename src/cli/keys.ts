/** Show and change the keys that sign access tokens: `latchkey keys list`, `rotate` and `retire`. */
import { listKeys, retireKey, rotateKeys, type SigningKeyInfo } from '#capabilities/signing-keys/signing-keys.ts';
import { command, JSON_OPTION } from './command.ts';
import { withOperator } from './open.ts';
import { say, sayJson, type Terminal, tableOf } from './terminal.ts';

export const keysList = command({
  name: 'keys list',
  summary: 'list the keys that sign access tokens, with their states',
  options: JSON_OPTION,
  details: `
  next      published, so that every verifier knows it before it starts signing
  active    signs access tokens
  retired   no longer signs; tokens it signed are accepted until ACCEPTED UNTIL`,
  run: async ({ terminal, options }) => {
    show(terminal, options.json, await withOperator(terminal, listKeys));
    return 0;
  },
});

export const keysRotate = command({
  name: 'keys rotate',
  summary: 'create the next key now, ahead of KEY_ROTATION',
  options: JSON_OPTION,
  details: `
The next key is published for ten minutes before it starts signing, and the active key stays accepted until its last
token has expired: no token is refused, and nothing has to be restarted. If a next key exists already, none is created.
A service on the same PostgreSQL follows within seconds. With the embedded database, stop the service first.`,
  run: async ({ terminal, options }) => {
    const { isMade, keys } = await withOperator(terminal, rotateKeys);
    show(terminal, options.json, keys, isMade ? 'Published the next key.' : 'The next key was already published.');
    return 0;
  },
});

export const keysRetire = command({
  name: 'keys retire',
  words: ['KID'],
  summary: 'stop using a key immediately (emergency: its tokens are refused)',
  options: JSON_OPTION,
  details: `
Use this when a private key may have leaked; for a routine change, use \`keys rotate\`.
Every access token the key signed is refused: by Latchkey within 10 seconds, by other services when they fetch the JWKS
again (they cache it for 5 minutes). Sessions continue; clients get a new access token with their refresh token. If it is
the active key, the next key takes over, or a new one if there is none.

  COMMAND Jp0yZ…`,
  run: async ({ terminal, options, words: [kid = ''] }) => {
    const { active, keys } = await withOperator(terminal, (ctx) => retireKey(ctx, { kid }));
    show(terminal, options.json, keys, `${kid} is no longer in use; ${active} signs now.`);
    return 0;
  },
});

function show(
  terminal: Terminal,
  asJson: boolean | undefined,
  keys: readonly SigningKeyInfo[],
  sentence?: string,
): void {
  if (asJson) {
    sayJson(terminal, keys);
    return;
  }
  if (keys.length === 0) {
    say(terminal, 'There are no keys yet. The first start creates them.');
    return;
  }
  const minute = (time: Date | null) => time && `${time.toISOString().slice(0, 16).replace('T', ' ')}Z`;
  const rows = keys.map((key) => [
    key.kid,
    key.algorithm,
    key.state,
    minute(key.activeAt),
    minute(key.retiredAt),
    minute(key.dropsAt),
  ]);
  const columns = ['KID', 'ALG', 'STATE', 'SIGNS FROM', 'UNTIL', 'ACCEPTED UNTIL'];
  say(terminal, `${sentence === undefined ? '' : `${sentence}\n\n`}${tableOf(columns, rows)}`);
}
