/**
 * The token that a device keeps: the id of its row, its generation, and a 256-bit HMAC of both, in base64url.
 * The row holds no secret, and a forged token is recognized without asking the database. The token alone never signs
 * anyone in; known-device.ts explains what it is for.
 */
import { uuidFromBytes, uuidToBytes } from '#core/input/uuid.ts';
import { type DerivedKeys, hmac, isMadeWith, type Secrets } from '#core/secrets.ts';
import type { Device } from '#generated/prisma/client.ts';

/** What a token names. Only the database knows whether the row still exists and belongs to the account. */
export type PresentedDevice = Pick<Device, 'id' | 'generation'>;

const ID_BYTES = 16;
const GENERATION_BYTES = 4;
/** The length of tokens that were issued before devices had a generation. */
const FIRST_TOKEN_LENGTH = 64;
const TOKEN_LENGTH = 70;

/** The current token of a device. */
export function deviceToken(secrets: DerivedKeys, { id, generation }: PresentedDevice): string {
  const head = Buffer.alloc(generation === 0 ? ID_BYTES : ID_BYTES + GENERATION_BYTES);
  uuidToBytes(id).copy(head);
  if (generation > 0) head.writeUInt32BE(generation, ID_BYTES);
  const text = generation === 0 ? `device:${id}` : `device:${id}:${generation}`;
  return Buffer.concat([head, hmac(secrets.device, text)]).toString('base64url');
}

/** Null for anything that this service has not issued. */
export function readDeviceToken(secrets: Secrets, token: string | null | undefined): PresentedDevice | null {
  if (!token || !/^[A-Za-z0-9_-]+$/.test(token)) return null;
  if (token.length !== TOKEN_LENGTH && token.length !== FIRST_TOKEN_LENGTH) return null;
  const bytes = Buffer.from(token, 'base64url');
  const generation = token.length === FIRST_TOKEN_LENGTH ? 0 : bytes.readUInt32BE(ID_BYTES);
  const named = { id: uuidFromBytes(bytes), generation };
  const isOurs = isMadeWith(secrets, (keys) => deviceToken(keys, named), token);
  return isOurs && generation < 2 ** 31 - 1 ? named : null;
}
