/** The link that starts the wait after which lost second factors are removed. */
import { formatCount, type Locale } from '#core/locale.ts';
import { type Addressee, composeMail, type Mail } from '#core/mail/mail.ts';

type Texts = {
  subject: string;
  why: (service: string) => string;
  what: (minutes: string) => string;
  button: string;
  notYou: string;
};

const TEXTS: Record<Locale, Texts> = {
  en: {
    subject: 'Remove your lost second factor',
    why: (service) =>
      `Someone who knows your password asked to remove the second factors of your account at ${service}, because they have lost them.`,
    what: (minutes) =>
      `With the link below, they will be removed after three days, but not within two weeks of a password reset by email. Until then, you can still sign in with them, which stops the removal. The link is valid for ${minutes}.`,
    button: 'Remove second factors',
    notYou: 'If this was not you, do not use the link, and change your password: someone else knows it.',
  },
  de: {
    subject: 'Ihren verlorenen zweiten Faktor entfernen',
    why: (service) =>
      `jemand, der Ihr Passwort kennt, möchte die zweiten Faktoren Ihres Kontos bei ${service} entfernen, weil sie verloren gegangen sind.`,
    what: (minutes) =>
      `Mit dem folgenden Link werden sie nach drei Tagen entfernt, frühestens aber zwei Wochen, nachdem das Passwort per E-Mail zurückgesetzt wurde. Bis dahin können Sie sich noch mit ihnen anmelden; das verhindert die Entfernung. Der Link ist ${minutes} gültig.`,
    button: 'Zweite Faktoren entfernen',
    notYou:
      'Falls Sie das nicht waren, verwenden Sie den Link nicht und ändern Sie Ihr Passwort: Jemand anderes kennt es.',
  },
  es: {
    subject: 'Eliminar su segundo factor perdido',
    why: (service) =>
      `Alguien que conoce su contraseña ha pedido eliminar los segundos factores de su cuenta en ${service} porque los ha perdido.`,
    what: (minutes) =>
      `Con el siguiente enlace, se eliminarán dentro de tres días, pero no antes de dos semanas desde que la contraseña se restableció por correo. Hasta entonces podrá seguir iniciando sesión con ellos, y eso detiene la eliminación. El enlace es válido durante ${minutes}.`,
    button: 'Eliminar los segundos factores',
    notYou: 'Si no ha sido usted, no use el enlace y cambie su contraseña: otra persona la conoce.',
  },
  fr: {
    subject: 'Supprimer votre second facteur perdu',
    why: (service) =>
      `Quelqu’un qui connaît votre mot de passe a demandé la suppression des seconds facteurs de votre compte sur ${service}, parce qu’ils ont été perdus.`,
    what: (minutes) =>
      `Avec le lien ci-dessous, ils seront supprimés dans trois jours, mais au plus tôt deux semaines après une réinitialisation du mot de passe par e-mail. D’ici là, vous pouvez encore vous connecter avec eux, ce qui arrête la suppression. Le lien est valable ${minutes}.`,
    button: 'Supprimer les seconds facteurs',
    notYou:
      'Si ce n’était pas vous, n’utilisez pas ce lien et changez votre mot de passe\u00a0: quelqu’un d’autre le connaît.',
  },
};

export function resetSecondFactorsEmail({
  link,
  linkMinutes,
  ...to
}: Addressee & { link: string; linkMinutes: number }): Mail {
  const texts = TEXTS[to.locale];
  const values = { link, linkTime: { count: linkMinutes, unit: 'minute' as const } };
  return composeMail(to, {
    mail: 'reset-second-factors',
    values,
    subject: texts.subject,
    blocks: [
      texts.why(to.service),
      texts.what(formatCount(linkMinutes, 'minute', to.locale)),
      { label: texts.button, url: link },
      texts.notYou,
    ],
  });
}
