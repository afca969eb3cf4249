/** What has changed, in the words of the email about it, in four languages. */
import type { Locale } from '#core/locale.ts';
import type { SecurityChangeKind } from '#core/second-factors/security-change.ts';

/** @param resetsAt when the factors will be removed; only a request that waits says it */
type ChangeText = { subject: string; what: (at: string, service: string, resetsAt: string) => string };

export const SECURITY_CHANGE_TEXTS: Record<Locale, Record<SecurityChangeKind, ChangeText>> = {
  en: {
    totp_added: {
      subject: 'An authenticator app was added to your account',
      what: (at, service) =>
        `On ${at}, an authenticator app was added to your account at ${service}. Signing in now also takes a code from it.`,
    },
    totp_removed: {
      subject: 'An authenticator app was removed from your account',
      what: (at, service) => `On ${at}, an authenticator app was removed from your account at ${service}.`,
    },
    recovery_codes_renewed: {
      subject: 'You have new recovery codes',
      what: (at, service) =>
        `On ${at}, new recovery codes were made for your account at ${service}. The old ones no longer work.`,
    },
    device_trusted: {
      subject: 'A device was marked as trusted',
      what: (at, service) =>
        `On ${at}, a device was marked as trusted for your account at ${service}. For 30 days, signing in there takes no second factor.`,
    },
    legacy_password_added: {
      subject: 'A password for an older client was created',
      what: (at, service) =>
        `On ${at}, a legacy password was created for your account at ${service}. A client that has it signs in without a second factor.`,
    },
    factors_removed: {
      subject: 'Your second factors were removed',
      what: (at, service) =>
        `On ${at}, an administrator removed all second factors from your account at ${service}, and all devices were signed out. Signing in no longer takes a second factor.`,
    },
    reset_requested: {
      subject: 'Your second factors are about to be removed',
      what: (at, service, resetsAt) =>
        `On ${at}, someone asked to remove the second factors of your account at ${service}, saying that they were lost. Unless you object, they will be removed on ${resetsAt}. Signing in with a second factor also stops the removal.`,
    },
    reset_completed: {
      subject: 'Your second factors were removed',
      what: (at, service) =>
        `On ${at}, all second factors were removed from your account at ${service}, as requested earlier, and all devices were signed out. Signing in no longer takes a second factor.`,
    },
  },
  de: {
    totp_added: {
      subject: 'Ihrem Konto wurde eine Authentifizierungs-App hinzugefügt',
      what: (at, service) =>
        `am ${at} wurde Ihrem Konto bei ${service} eine Authentifizierungs-App hinzugefügt. Zur Anmeldung ist jetzt auch ein Code aus dieser App nötig.`,
    },
    totp_removed: {
      subject: 'Eine Authentifizierungs-App wurde aus Ihrem Konto entfernt',
      what: (at, service) => `am ${at} wurde eine Authentifizierungs-App aus Ihrem Konto bei ${service} entfernt.`,
    },
    recovery_codes_renewed: {
      subject: 'Sie haben neue Wiederherstellungscodes',
      what: (at, service) =>
        `am ${at} wurden für Ihr Konto bei ${service} neue Wiederherstellungscodes erstellt. Die alten gelten nicht mehr.`,
    },
    device_trusted: {
      subject: 'Ein Gerät wurde als vertrauenswürdig eingestuft',
      what: (at, service) =>
        `am ${at} wurde für Ihr Konto bei ${service} ein Gerät als vertrauenswürdig eingestuft. Zur Anmeldung ist dort 30 Tage lang kein zweiter Faktor nötig.`,
    },
    legacy_password_added: {
      subject: 'Ein Passwort für ein älteres Programm wurde erstellt',
      what: (at, service) =>
        `am ${at} wurde für Ihr Konto bei ${service} ein Passwort für ein älteres Programm erstellt. Damit meldet sich dieses Programm ohne zweiten Faktor an.`,
    },
    factors_removed: {
      subject: 'Ihre zweiten Faktoren wurden entfernt',
      what: (at, service) =>
        `am ${at} hat ein Administrator alle zweiten Faktoren aus Ihrem Konto bei ${service} entfernt; alle Geräte wurden abgemeldet. Zur Anmeldung ist kein zweiter Faktor mehr nötig.`,
    },
    reset_requested: {
      subject: 'Ihre zweiten Faktoren sollen entfernt werden',
      what: (at, service, resetsAt) =>
        `am ${at} hat jemand darum gebeten, die zweiten Faktoren Ihres Kontos bei ${service} zu entfernen, weil sie verloren gegangen seien. Wenn Sie nicht widersprechen, geschieht das am ${resetsAt}. Auch eine Anmeldung mit einem zweiten Faktor verhindert es.`,
    },
    reset_completed: {
      subject: 'Ihre zweiten Faktoren wurden entfernt',
      what: (at, service) =>
        `am ${at} wurden, wie zuvor gewünscht, alle zweiten Faktoren aus Ihrem Konto bei ${service} entfernt; alle Geräte wurden abgemeldet. Zur Anmeldung ist kein zweiter Faktor mehr nötig.`,
    },
  },
  es: {
    totp_added: {
      subject: 'Se ha añadido una aplicación de autenticación a su cuenta',
      what: (at, service) =>
        `El ${at} se añadió una aplicación de autenticación a su cuenta en ${service}. A partir de ahora, para iniciar sesión también hace falta un código de esa aplicación.`,
    },
    totp_removed: {
      subject: 'Se ha eliminado una aplicación de autenticación de su cuenta',
      what: (at, service) => `El ${at} se eliminó una aplicación de autenticación de su cuenta en ${service}.`,
    },
    recovery_codes_renewed: {
      subject: 'Tiene códigos de recuperación nuevos',
      what: (at, service) =>
        `El ${at} se crearon códigos de recuperación nuevos para su cuenta en ${service}. Los anteriores ya no sirven.`,
    },
    device_trusted: {
      subject: 'Se ha marcado un dispositivo como de confianza',
      what: (at, service) =>
        `El ${at} se marcó un dispositivo como de confianza para su cuenta en ${service}. Durante 30 días, para iniciar sesión en él no hace falta un segundo factor.`,
    },
    legacy_password_added: {
      subject: 'Se ha creado una contraseña para un programa antiguo',
      what: (at, service) =>
        `El ${at} se creó una contraseña para un programa antiguo en su cuenta en ${service}. El programa que la tenga inicia sesión sin segundo factor.`,
    },
    factors_removed: {
      subject: 'Se han eliminado sus segundos factores',
      what: (at, service) =>
        `El ${at}, un administrador eliminó todos los segundos factores de su cuenta en ${service} y se cerró la sesión en todos los dispositivos. Para iniciar sesión ya no hace falta un segundo factor.`,
    },
    reset_requested: {
      subject: 'Se van a eliminar sus segundos factores',
      what: (at, service, resetsAt) =>
        `El ${at}, alguien pidió eliminar los segundos factores de su cuenta en ${service} porque los ha perdido. Si usted no se opone, se eliminarán el ${resetsAt}. También se impide iniciando sesión con un segundo factor.`,
    },
    reset_completed: {
      subject: 'Se han eliminado sus segundos factores',
      what: (at, service) =>
        `El ${at}, tal como se había pedido, se eliminaron todos los segundos factores de su cuenta en ${service} y se cerró la sesión en todos los dispositivos. Para iniciar sesión ya no hace falta un segundo factor.`,
    },
  },
  fr: {
    totp_added: {
      subject: 'Une application d’authentification a été ajoutée à votre compte',
      what: (at, service) =>
        `Le ${at}, une application d’authentification a été ajoutée à votre compte sur ${service}. Pour vous connecter, il faut désormais aussi un code de cette application.`,
    },
    totp_removed: {
      subject: 'Une application d’authentification a été retirée de votre compte',
      what: (at, service) =>
        `Le ${at}, une application d’authentification a été retirée de votre compte sur ${service}.`,
    },
    recovery_codes_renewed: {
      subject: 'Vous avez de nouveaux codes de récupération',
      what: (at, service) =>
        `Le ${at}, de nouveaux codes de récupération ont été créés pour votre compte sur ${service}. Les anciens ne sont plus valables.`,
    },
    device_trusted: {
      subject: 'Un appareil a été marqué comme fiable',
      what: (at, service) =>
        `Le ${at}, un appareil a été marqué comme fiable pour votre compte sur ${service}. Pendant 30 jours, aucun second facteur n’y est nécessaire pour se connecter.`,
    },
    legacy_password_added: {
      subject: 'Un mot de passe pour un ancien logiciel a été créé',
      what: (at, service) =>
        `Le ${at}, un mot de passe pour un ancien logiciel a été créé pour votre compte sur ${service}. Le logiciel qui en dispose se connecte sans second facteur.`,
    },
    factors_removed: {
      subject: 'Vos seconds facteurs ont été supprimés',
      what: (at, service) =>
        `Le ${at}, un administrateur a supprimé tous les seconds facteurs de votre compte sur ${service} et tous les appareils ont été déconnectés. Aucun second facteur n’est plus nécessaire pour se connecter.`,
    },
    reset_requested: {
      subject: 'Vos seconds facteurs vont être supprimés',
      what: (at, service, resetsAt) =>
        `Le ${at}, quelqu’un a demandé la suppression des seconds facteurs de votre compte sur ${service}, parce qu’ils auraient été perdus. Sauf opposition de votre part, ils seront supprimés le ${resetsAt}. Une connexion avec un second facteur l’empêche aussi.`,
    },
    reset_completed: {
      subject: 'Vos seconds facteurs ont été supprimés',
      what: (at, service) =>
        `Le ${at}, comme demandé auparavant, tous les seconds facteurs de votre compte sur ${service} ont été supprimés et tous les appareils ont été déconnectés. Aucun second facteur n’est plus nécessaire pour se connecter.`,
    },
  },
};
