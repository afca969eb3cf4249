/** A word for a password in any of the languages of pages and emails. */
export const MENTIONS_PASSWORD = /passwor[dt]|passwört|contraseña|mots? de passe/i;
