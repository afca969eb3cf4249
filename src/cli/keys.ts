/** See and change the keys that sign access tokens. */
import { listKeys, retireKey, rotateKeys, type SigningKeyInfo } from '#capabilities/signing-keys/signing-keys.ts';
import { command, JSON_OPTION } from './command.ts';
import { withOperator } from './open.ts';
import { say, sayJson, type Terminal, tableOf } from './terminal.ts';

export const keysList = command({
  name: 'keys list',
  summary: 'the keys that sign access tokens, with their states',
  options: JSON_OPTION,
  details: `
next      published, so that every verifier knows it before it signs
active    signs
retired   signs no longer; tokens it signed are accepted until ACCEPTED UNTIL`,
  run: async ({ terminal, options }) => {
    show(terminal, options.json, await withOperator(terminal, listKeys));
    return 0;
  },
});

export const keysRotate = command({
  name: 'keys rotate',
  summary: 'make the next key now, ahead of KEY_ROTATION',
  options: JSON_OPTION,
  details: `
The next key is published for ten minutes before it signs, and the active one stays accepted until its last token has
ended: no token is refused and nothing has to be restarted. When a key is waiting already, none is made.
A service on the same PostgreSQL follows within seconds; with the embedded database, stop it first.`,
  run: async ({ terminal, options }) => {
    const { isMade, keys } = await withOperator(terminal, rotateKeys);
    show(terminal, options.json, keys, isMade ? 'The next key is published.' : 'The next key was published already.');
    return 0;
  },
});

export const keysRetire = command({
  name: 'keys retire',
  words: ['KID'],
  summary: 'take a key out of use at once (emergency: its tokens are refused)',
  options: JSON_OPTION,
  details: `
For a private key that somebody else may have; to change keys without a reason to fear, use \`keys rotate\`.
Every access token the key signed is refused: by Latchkey within 10 seconds, by other services when they fetch the JWKS
again (they keep it for 5 minutes). Sessions stay; clients get a new token by their refresh token. When it is the active
key, the next one, or else a new one, signs from now on.

COMMAND Jp0yZ…`,
  run: async ({ terminal, options, words: [kid = ''] }) => {
    const { active, keys } = await withOperator(terminal, (ctx) => retireKey(ctx, { kid }));
    show(terminal, options.json, keys, `${kid} is out of use; ${active} signs.`);
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
