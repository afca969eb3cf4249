import { builder } from '#graphql/builder.ts';
import { resultUnion } from '#graphql/errors/errors.ts';
import { AccountSecurityObject } from '#graphql/objects/account-security-objects.ts';
import { SessionDeviceObject } from '#graphql/objects/device-objects.ts';
import { findKnownDevices, forgetDevice, type KnownDevice } from './known-devices.ts';

const KnownDeviceObject = builder.objectRef<KnownDevice>('KnownDevice').implement({
  description:
    'A device on which the person has signed in. Wrong passwords of strangers do not slow down a sign-in there. ' +
    'Signing in on it still takes a second factor, unless the device is trusted as well.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'UUID, for `forgetDevice`.' }),
    device: t.expose('device', {
      type: SessionDeviceObject,
      description: 'As described by its user agent at the last sign-in.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the person first signed in on it.' }),
    lastSeenAt: t.expose('lastSeenAt', {
      type: 'DateTime',
      description: 'When someone last signed in on it. After a year without a sign-in, it is no longer known.',
    }),
    trustedUntil: t.expose('trustedUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when the first factor alone signs in on it; null if it is not trusted.',
    }),
    isCurrent: t.exposeBoolean('isCurrent', { description: 'Whether the session of this request began on it.' }),
  }),
});

builder.objectField(AccountSecurityObject, 'knownDevices', (t) =>
  t.field({
    type: [KnownDeviceObject],
    description:
      'Most recently used first, at most 20. A password reset, `logoutEverywhere`, disabling the account, and ' +
      'requesting its deletion make the service forget all of them.',
    resolve: (user, _args, ctx) => findKnownDevices(ctx, user),
  }),
);

const ForgetDeviceInputObject = builder.inputType('ForgetDeviceInput', {
  description: 'A known device that becomes a stranger again.',
  fields: (t) => ({
    deviceId: t.id({ description: 'UUID from `me.security.knownDevices`. Any other value is FORBIDDEN.' }),
  }),
});

const ForgetDeviceSuccessObject = builder.objectRef<{ deviceId: string }>('ForgetDeviceSuccess').implement({
  description: 'The device is no longer known or trusted. Sessions that began on it continue.',
  fields: (t) => ({ deviceId: t.exposeID('deviceId', { description: 'The UUID from the input.' }) }),
});

builder.mutationField('forgetDevice', (t) =>
  t.field({
    access: 'viewer',
    protectsAccount: true,
    type: resultUnion('ForgetDeviceResult', ForgetDeviceSuccessObject, []),
    description: 'Forgets a known device of the viewer. To sign it out as well, end its session.',
    args: {
      input: t.arg({
        type: ForgetDeviceInputObject,
        description: 'For example `{deviceId: "019a5f6e-0000-7000-8000-000000000000"}`.',
      }),
    },
    resolve: (_root, { input }, ctx) => forgetDevice(ctx, input),
  }),
);
