import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { AccountSecurityObject } from '#graphql/objects/account-security-objects.ts';
import { SessionDeviceObject } from '#graphql/objects/device-objects.ts';
import { findTrustedDevices, type TrustedDevice, untrustDevice } from './trusted-devices.ts';

const TrustedDeviceObject = builder.objectRef<TrustedDevice>('TrustedDevice').implement({
  description: 'A device on which the first factor alone, a password or an email, is enough to sign in.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID, for `untrustDevice`.' }),
    device: t.expose('device', {
      type: SessionDeviceObject,
      description: 'As described by its user agent when it was trusted.',
    }),
    trustedUntil: t.expose('trustedUntil', {
      type: 'DateTime',
      description: '30 days after it was trusted. Using the device does not extend this.',
    }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', description: 'When someone last signed in on it.' }),
    isCurrent: t.exposeBoolean('isCurrent', { description: 'Whether the session of this request began on it.' }),
  }),
});

builder.objectField(AccountSecurityObject, 'trustedDevices', (t) =>
  t.field({
    type: [TrustedDeviceObject],
    description:
      'Newest first, at most 10. A new password, email address, or second factor ends the trust, and so does ' +
      'disabling the account or requesting its deletion.',
    resolve: (user, _args, ctx) => findTrustedDevices(ctx, user),
  }),
);

const UntrustDeviceInputObject = builder.inputType('UntrustDeviceInput', {
  description: 'The device to stop trusting.',
  fields: (t) => ({
    deviceId: t.id({ description: 'UUID from `me.security.trustedDevices`. Any other value is FORBIDDEN.' }),
  }),
});

const UntrustDeviceSuccessObject = builder.objectRef<{ deviceId: string }>('UntrustDeviceSuccess').implement({
  description:
    'Signing in on the device takes the second factor again. It stays a known device, and its sessions continue.',
  fields: (t) => ({ deviceId: t.exposeID('deviceId', { description: 'The UUID from the input.' }) }),
});

builder.mutationField('untrustDevice', (t) =>
  t.field({
    access: 'viewer',
    protectsAccount: true,
    type: resultUnion('UntrustDeviceResult', UntrustDeviceSuccessObject, []),
    description: 'Stops trusting a device of the viewer.',
    args: {
      input: t.arg({
        type: UntrustDeviceInputObject,
        description: 'For example `{deviceId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => untrustDevice(ctx, input),
  }),
);
