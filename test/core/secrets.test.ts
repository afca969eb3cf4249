import { describe, expect, test } from 'vitest';
import { deriveSecrets } from '#core/secrets.ts';

const KNOWN = {
  refreshToken: 'ed2db6c4de860a4fdcd2043781d8be5e13beb63623df72ce9f73e9aded13e9fa',
  challengeCode: '72bc59adb71ca4b7deea37e9fb05403dc5ddbabecde153f9986c60d9035fe0e8',
  challengeLink: 'b1a4ab8981c65d6c4b8240b59a6ce2e5090dc5beca79d64e833bb9ff2db30305',
  keyEncryption: '6f8bd317381601bd36b7399e9032013b205e17bb145093389c3ae42d17878745',
  resendCode: 'feff44ba37261c4711a9fb29c2e4e89e08834dfc82945147ec01cf7fe68a7ea7',
  throttleKey: '3855364d0385fa766aa62da3c661235581f60ee941142f71015526dc550a9c2b',
  auditSession: '0f6037db641228b900ba2a150af9d25bb65d72baf9077d2fbc65d919265c3371',
  invitation: '8a67df9499f3a65c8802d4ae554d3d246e3503b9dab6676ff38eea70d02fbb48',
  usedProof: '61a178b8714297c5a3903e00964b0ce64ee996fcb1683d9adff641dedb885d75',
  totpEncryption: 'c589a6c469819058a95b10021cf13c37fa9fefd2168eb94270027d705c4b2134',
  totpSetup: 'eaedb33327d6cc89962682a53ca518b606d39ce52e5acb6ad660bd3cddd1be99',
  device: '77175132b595af5cb975fbac800846332d0005bd4ede705469562412f8150466',
  export: '9da965d45803e9d80301958ab3ab534fd20cd908848dbc47139d21ffb037a49b',
};

describe('derived keys', () => {
  const hex = (key: unknown) =>
    (key instanceof Uint8Array ? Buffer.from(key) : (key as { export(): Buffer }).export()).toString('hex');
  const keysOf = (master: string) => {
    const { previous, ...keys } = deriveSecrets(master);
    return Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, hex(key)]));
  };

  // Computed apart from this code: HKDF-SHA256 without salt, `latchkey/v1/<label>` as its info, 32 bytes.
  // A key that changes makes every code, link, token and stored key worthless.
  test('are what they have always been', () => {
    expect(keysOf('a master secret for known answers, 48 bytes long')).toEqual(KNOWN);
  });

  test('are all different, and none is that of another secret', () => {
    const all = [...Object.values(keysOf('first '.repeat(8))), ...Object.values(keysOf('second '.repeat(8)))];
    expect(new Set(all).size).toBe(all.length);
  });
});
