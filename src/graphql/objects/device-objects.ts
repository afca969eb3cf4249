/** What is known about a device, of a session or of a trusted one. */
import type { Device } from '#core/input/device.ts';
import { builder } from '#graphql/builder.ts';

const DeviceKindEnum = builder.enumType('DeviceKind', {
  description: 'Form factor of a device, as far as its user agent tells.',
  values: {
    DESKTOP: { description: 'A desktop or laptop computer.' },
    MOBILE: { description: 'A phone, in a browser or an app.' },
    TABLET: { description: 'A larger touch device, such as an iPad.' },
    TV: { description: 'A television set or streaming box.' },
    BOT: { description: 'A program that identifies itself as automated.' },
    UNKNOWN: { description: 'The user agent does not tell; most apps and command-line tools are of this kind.' },
  },
});

export const SessionDeviceObject = builder.objectRef<Device>('SessionDevice').implement({
  description:
    'What the User-Agent header of the sign-in says. Clients can send anything: use it to help people ' +
    'recognize a device, never to decide.',
  fields: (t) => ({
    browser: t.exposeString('browser', { nullable: true, description: 'For example `Firefox`; null if unknown.' }),
    operatingSystem: t.exposeString('operatingSystem', {
      nullable: true,
      description: 'For example `Windows` or `iOS`; null if unknown.',
    }),
    kind: t.expose('kind', { type: DeviceKindEnum, description: 'Good for picking an icon.' }),
  }),
});
